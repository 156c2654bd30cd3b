"""What the network counts: one class a kind, and one line in `KINDS`."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from django.utils.translation import gettext_lazy as _

from memberships.models import Membership
from products.limits import Kind
from sites.kinds.base import CountedInNetwork, ParkedInNetwork
from sites.metering import rollup
from sites.models import DomainClaim, OverLimit, Site, SiteMember
from sites.models.site import SiteQuerySet
from sites.operations.domains.check import points_here
from sites.operations.domains.over_limit import in_use, park_domains, restore_domains
from sites.policies.domain_check import Records
from sites.policies.over_limit import Item, Policy, who_stays

GRACE_WEEK: Final = timedelta(days=7)


class Sites(ParkedInNetwork):
    """Of a membership. Visitors of a parked one see a notice; those who work on it go on."""

    kind = Kind.SITES
    refusal = _("You have used %(used)s of the %(allowed)s sites in your plan.")
    shows_notice = frozenset({Policy.PARK})

    def used(self, holder: Membership, *, now: datetime) -> int:  # noqa: ARG002 -- as the others
        return _kept_sites(holder).count()

    def items(self, holder: Membership) -> list[Item]:
        """The oldest first."""
        parked = set(
            OverLimit.objects.filter(
                site__membership=holder, kind=Kind.SITES, policy=Policy.PARK, ended_at=None
            ).values_list("site_id", flat=True)
        )
        return [
            Item(key=str(site.uid), name=site.name, is_parked=site.pk in parked)
            for site in _kept_sites(holder)
        ]

    def fit(
        self,
        site: Site,
        *,
        allowed: int | None,
        chosen: Collection[str],
        restore: bool,  # noqa: ARG002 -- a parked site takes a place, so room for it is nobody else's
        now: datetime,  # noqa: ARG002 -- as the others
    ) -> int:
        sites = self.items(site.membership)
        stay = who_stays(sites, allowed=allowed, chosen=chosen, restore=True)
        return 0 if str(site.uid) in stay else 1


class Domains(ParkedInNetwork):
    """Names of people's own. A parked one leads nowhere and stays its owner's; the site's own address always works."""

    kind = Kind.DOMAINS
    refusal = _("You have used %(used)s of the %(allowed)s custom domains in your plan.")

    def used(self, holder: Site, *, now: datetime) -> int:  # noqa: ARG002 -- as the others
        return DomainClaim.objects.of(holder).counted().count()

    def items(self, holder: Site) -> list[Item]:
        """The primary one first, then the oldest. Those on their way here take a place, and there is nothing of them
        to put away."""
        return [
            Item(
                key=claim.domain,
                name=str(claim),
                is_parked=claim.state == DomainClaim.State.PARKED,
                leads_here=points_here(claim, Records.from_json(claim.seen)),
            )
            for claim in in_use(holder)
        ]

    def fit(
        self, site: Site, *, allowed: int | None, chosen: Collection[str], restore: bool, now: datetime
    ) -> int:
        items = self.items(site)
        stay = who_stays(items, allowed=allowed, chosen=chosen, restore=restore)
        park_domains(site=site, names=[item.key for item in items if item.key not in stay])
        restore_domains(site=site, names=stay, now=now)
        return len(items) - len(stay)


class Users(CountedInNetwork):
    """Of a site: its owner, and everybody who is invited to it or works on it."""

    kind = Kind.USERS
    refusal = _("You have used %(used)s of the %(allowed)s users in your plan.")

    def used(self, holder: Site, *, now: datetime) -> int:  # noqa: ARG002 -- as the others
        return 1 + SiteMember.objects.of(holder).count()

    def items(self, holder: Site) -> list[Item]:
        owner = holder.membership.customer.user
        here = SiteMember.objects.of(holder).select_related("user")
        return [
            Item(key=str(owner.uid), name=str(owner)),
            *(Item(key=str(member.uid), name=str(member.user or member.email)) for member in here),
        ]


class Visits(CountedInNetwork):
    """Of the calendar month (UTC), as far as they are rolled up. Nobody claims one: a page is never refused for it."""

    kind = Kind.VISITS
    refusal = _("%(used)s of the %(allowed)s visits of this month in your plan are used.")
    policies = (Policy.BLOCK, Policy.KEEP)
    grace = GRACE_WEEK

    def used(self, holder: Site, *, now: datetime) -> int:
        return rollup.visits_in_month(site_id=holder.pk, day=now.date())


KINDS: Final = (Sites(), Domains(), Users(), Visits())


def _kept_sites(membership: Membership) -> SiteQuerySet:
    return Site.objects.filter(membership=membership).exclude(state=Site.State.RECYCLED).order_by("pk")
