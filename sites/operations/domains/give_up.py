"""Names that are given up: at once nowhere, and for a while nobody else's."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from accounts.network.live import network
from sites.models import DomainClaim, Site
from sites.operations.domains.hold import lead_nowhere

State = DomainClaim.State


@transaction.atomic
def remove_domain(*, claim: DomainClaim, now: datetime) -> None:
    """Take the name off its site. One that was proven rests for `DOMAIN_QUARANTINE_DAYS`, in which only a site of the
    same membership can have it again. Doing it twice changes nothing."""
    if claim.site is not None:
        _give_up(
            Site.objects.locked().get(pk=claim.site_id), DomainClaim.objects.filter(pk=claim.pk), now=now
        )


@transaction.atomic
def remove_domains(*, site: Site, now: datetime) -> None:
    """Take every name off `site`, which is about to go. It can be deleted then."""
    _give_up(Site.objects.locked().get(pk=site.pk), DomainClaim.objects.filter(site=site), now=now)
    DomainClaim.objects.filter(site=site).update(site=None)


@transaction.atomic
def free_domain(*, claim: DomainClaim) -> None:
    """Forget the claim and give its name to whoever proves it next: for the network's staff, when the name has
    changed hands."""
    if claim.site is not None:
        lead_nowhere(Site.objects.locked().get(pk=claim.site_id), claim.domain)
    claim.delete()


def _give_up(site: Site, claims: QuerySet[DomainClaim], *, now: datetime) -> None:
    for claim in claims.exclude(state=State.RESTING):
        if claim.state == State.WAITING:
            claim.delete()
            continue
        if claim.state == State.ACTIVE:
            lead_nowhere(site, claim.domain)
        claim.state, claim.rests_until = State.RESTING, now + timedelta(days=network.domain_quarantine_days)
        claim.save(update_fields=["state", "rests_until"])
