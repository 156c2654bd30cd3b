"""Whoever has the link reads the mail: they take their place with the account of that address, or open one."""

from datetime import datetime

from allauth.account.models import EmailAddress
from django.db import transaction

from accounts.models import User
from sites.models import Site, SiteMember
from sites.operations.enter import hash_of


class InvitationGone(Exception):
    """The invitation was accepted, taken back or sent anew, or is not for this person."""


def invitation_behind(*, token: str, now: datetime) -> SiteMember | None:
    """The invitation that `token` opens; None when it opens none, or no more."""
    if not token:
        return None
    member = (
        SiteMember.objects.waiting()
        .select_related("site__membership__customer__user")
        .filter(token_hash=hash_of(token))
        .exclude(site__state=Site.State.RECYCLED)
        .first()
    )
    return None if member is None or member.has_run_out(at=now) else member


@transaction.atomic
def accept(*, member: SiteMember, user: User, now: datetime) -> SiteMember:
    """Let `user`, whose address is the invited one, take the place; doing so twice is once. Raises InvitationGone."""
    locked = SiteMember.objects.select_for_update(of=("self",)).get(pk=member.pk)
    if locked.user_id == user.pk and locked.removed_at is None:
        return locked
    is_open = locked.accepted_at is None and locked.removed_at is None
    if not is_open or locked.token_hash != member.token_hash or user.email != locked.email:
        raise InvitationGone
    if SiteMember.objects.of(locked.site).working(user).exists():
        raise InvitationGone  # invited under two addresses: the account has a place already
    locked.user, locked.accepted_at, locked.token_hash = user, now, ""
    locked.save(update_fields=["user", "accepted_at", "token_hash"])
    return locked


@transaction.atomic
def open_account(*, member: SiteMember, name: str, password: str, language: str, now: datetime) -> User:
    """An account for the invited address, which the link has proven, and the place with it. Raises InvitationGone when
    the address has an account."""
    SiteMember.objects.select_for_update(of=("self",)).get(pk=member.pk)
    if User.objects.filter(email=member.email).exists():
        raise InvitationGone
    user = User.objects.create_user(
        member.email, password, name=name.strip(), language=language, date_joined=now
    )
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    accept(member=member, user=user, now=now)
    return user
