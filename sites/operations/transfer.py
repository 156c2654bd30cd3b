"""A membership passes to another customer, and its sites with it, in one transaction."""

from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from memberships.models import Customer, Membership, MembershipTransfer
from memberships.operations.pass_on import pass_on
from sites import routing
from sites.models import Site, SiteMember
from sites.operations.people import bring_people_in_line


@transaction.atomic
def transfer(
    *, membership: Membership, to: Customer, reason: str, actor: User, uid: UUID, now: datetime
) -> MembershipTransfer:
    """Pass `membership` to `to`. Its sites, with their names and domains, have another owner at once: who had them is
    out of their dashboards, and the place that the new owner had in one is free. Who else works on them stays.

    The same `uid` again answers what it did. Raises TransferRefused.
    """
    membership.lock()
    sites = list(Site.objects.filter(membership=membership).outside_the_bin().order_by("id"))
    done = pass_on(
        membership=membership,
        to=to,
        sites=[site.name for site in sites],
        reason=reason,
        actor=actor,
        uid=uid,
        now=now,
    )
    for site in Site.objects.locked().filter(membership=membership).order_by("id"):
        theirs = Q(user=to.user) | Q(email=to.user.email)
        SiteMember.objects.of(site).filter(theirs).update(removed_at=now, token_hash="")
        bring_people_in_line(site)
        transaction.on_commit(partial(routing.forget, site))
    return done
