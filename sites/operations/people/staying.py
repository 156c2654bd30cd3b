"""What somebody may do in a site while they are on it, and that nothing is left of it afterwards."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django_tenants.utils import schema_exists, tenant_context

from accounts.models import User
from sites.content import roles
from sites.models import HandOver, OwnerVisit, Role, Site, SiteMember


def role_in(site: Site, user: User) -> Role | None:
    """What `user` is in `site`; None for a stranger. One query at most."""
    if site.membership.customer.user_id == user.pk:
        return Role.OWNER
    role = SiteMember.objects.of(site).working(user).values_list("role", flat=True).first()
    return Role(role) if role else None


@transaction.atomic
def give_role(*, member: SiteMember, role: Role) -> None:
    """Let them be `role` from now on, in the site at once."""
    site = Site.objects.locked().get(pk=member.site_id)
    SiteMember.objects.of(site).filter(pk=member.pk).update(role=role)
    bring_people_in_line(site)


@transaction.atomic
def remove(*, member: SiteMember, now: datetime) -> None:
    """Take the place back: an invitation leads nowhere, and who worked on the site is out of it at once. What they
    wrote stays. Twice is once."""
    site = Site.objects.locked().get(pk=member.site_id)
    SiteMember.objects.of(site).filter(pk=member.pk).update(removed_at=now, token_hash="")
    bring_people_in_line(site)


@transaction.atomic
def follow_account(user: User) -> None:
    """Put `user`, whose account was closed, out of every dashboard at once; or let them in again, if it was opened."""
    theirs = Q(membership__customer__user=user) | Q(members__user=user, members__removed_at=None)
    for site in Site.objects.locked().filter(pk__in=Site.objects.filter(theirs).values("pk")).order_by("id"):
        bring_people_in_line(site)


def bring_people_in_line(site: Site) -> None:
    """Let exactly those be active in the site's schema whose account is open and who are on the site, each with their
    role, and the staff who visit it. The caller is in a transaction and holds the site's lock; any number of times is
    once.

    A pass on its way goes with its person: somebody who is entering at this moment is waited for, and then goes.
    """
    owner = site.membership.customer.user
    here = SiteMember.objects.of(site).filter(user__is_active=True)
    people = {uid: Role(role) for uid, role in here.values_list("user__uid", "role")}
    if owner.is_active:
        people[owner.uid] = Role.OWNER
    visiting = OwnerVisit.objects.filter(site=site, ended_at=None).values_list("actor__uid", flat=True)
    people |= dict.fromkeys(visiting, Role.OWNER)
    HandOver.objects.filter(site=site).exclude(user_uid__in=people).delete()
    for uid, role in people.items():
        HandOver.objects.filter(site=site, user_uid=uid, used_at=None).exclude(role=role).delete()
    if schema_exists(site.schema_name):
        with tenant_context(site):
            roles.only(people)
