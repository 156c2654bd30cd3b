"""More names than the membership allows: what is too much leads nowhere for a while, and stays its owner's."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from sites.models import DomainClaim, Site
from sites.operations.domains.hold import lead_here, lead_nowhere

State = DomainClaim.State


def in_use(site: Site) -> list[DomainClaim]:
    """The names that lead to `site`, or would if there were room: the primary one first, then the oldest."""
    claims = DomainClaim.objects.of(site).filter(state__in=[State.ACTIVE, State.PARKED])
    primary = set(site.domains.filter(is_primary=True).values_list("domain", flat=True))
    return sorted(claims.select_related("site"), key=lambda claim: claim.domain not in primary)


@transaction.atomic
def park_domains(*, site: Site, names: Collection[str]) -> None:
    """Let those of `names` that lead to `site` lead nowhere. They are still held for it, and come back with
    `restore_domains`; visitors find the site at its own address."""
    site = Site.objects.locked().get(pk=site.pk)
    for claim in DomainClaim.objects.of(site).filter(state=State.ACTIVE, domain__in=names):
        claim.state = State.PARKED
        claim.save(update_fields=["state"])
        lead_nowhere(site, claim.domain)


@transaction.atomic
def restore_domains(*, site: Site, names: Collection[str], now: datetime) -> None:
    """Let those of `names` that are parked lead to `site` again."""
    site = Site.objects.locked().get(pk=site.pk)
    for claim in DomainClaim.objects.of(site).filter(state=State.PARKED, domain__in=names):
        lead_here(claim, now=now)
