"""More names than the membership allows: what is too much leads nowhere for a while, and stays its owner's."""

from datetime import datetime

from django.db import transaction

from sites.models import DomainClaim, Site
from sites.operations.domains.hold import lead_here, lead_nowhere, lock

State = DomainClaim.State


@transaction.atomic
def park_domains(*, site: Site, allowed: int | None, now: datetime) -> list[str]:  # noqa: ARG001 -- as restore_domains
    """Park names of `site` until only `allowed` lead to it (None: any number), and answer which.

    The primary one stays longest, then the oldest. A parked name leads nowhere, is still held for the site,
    and comes back with `restore_domains`; visitors find the site at its own address.
    """
    site = lock(site)
    active = list(DomainClaim.objects.of(site).filter(state=State.ACTIVE))
    primary = set(site.domains.filter(is_primary=True).values_list("domain", flat=True))
    ranked = sorted(active, key=lambda claim: claim.domain not in primary)
    parked = [] if allowed is None else ranked[allowed:]
    for claim in parked:
        claim.state = State.PARKED
        claim.save(update_fields=["state"])
        lead_nowhere(site, claim.domain)
    return [claim.domain for claim in parked]


@transaction.atomic
def restore_domains(*, site: Site, allowed: int | None, now: datetime) -> list[str]:
    """Let parked names lead to `site` again, the oldest first, while `allowed` has room, and answer which."""
    site = lock(site)
    claims = DomainClaim.objects.of(site)
    active = claims.filter(state=State.ACTIVE).count()
    room = None if allowed is None else max(allowed - active, 0)
    restored = list(claims.filter(state=State.PARKED)[:room])
    for claim in restored:
        lead_here(claim, now=now)
    return [claim.domain for claim in restored]
