"""The names of each site at a glance: which lead there, and which are on their way."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sites import addresses
from sites.models import Domain, DomainClaim, Site
from sites.policies.domain_names import as_people_write
from sites.views.domain_texts import TONES

SHOWN = 10  # of a site; its page has them all


def domains_of(sites: Sequence[Site]) -> list[dict[str, Any]]:
    """For each of `sites` that is ready its names, the primary one first, then those that do not lead there yet. Two
    queries."""
    ready = [site for site in sites if site.state == Site.State.READY]
    names: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in Domain.objects.filter(tenant__in=ready).order_by("-is_primary", "domain"):
        names[row.tenant_id].append(
            {
                "name": as_people_write(row.domain),
                "url": addresses.site_url(row.domain),
                "is_primary": row.is_primary,
            }
        )
    shown = [DomainClaim.State.WAITING, DomainClaim.State.PROVEN, DomainClaim.State.PARKED]
    for claim in DomainClaim.objects.filter(site__in=ready, state__in=shown).order_by("created_at", "id"):
        assert claim.site_id is not None, "it was found by its site"
        names[claim.site_id].append(
            {
                "name": str(claim),
                "state": claim.get_state_display(),
                "tone": TONES[DomainClaim.State(claim.state)],
            }
        )
    return [
        {"site": site, "names": names[site.pk][:SHOWN], "more": len(names[site.pk]) > SHOWN} for site in ready
    ]
