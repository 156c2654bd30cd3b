"""Who works on a site beside its owner: invited by mail, then with an account of the network, until removed."""

from sites.operations.people.accepting import InvitationGone, accept, invitation_behind, open_account
from sites.operations.people.inviting import (
    InvitationRefused,
    invite,
    invite_again,
    send_invitation,
    unsent_invitations,
)
from sites.operations.people.staying import (
    bring_people_in_line,
    follow_account,
    give_role,
    remove,
    role_in,
)

__all__ = [
    "InvitationGone",
    "InvitationRefused",
    "accept",
    "bring_people_in_line",
    "follow_account",
    "give_role",
    "invitation_behind",
    "invite",
    "invite_again",
    "open_account",
    "remove",
    "role_in",
    "send_invitation",
    "unsent_invitations",
]
