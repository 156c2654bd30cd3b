"""From a claim to a name that leads here, by what the DNS says."""

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q

from sites.hosting.resolver import Resolver
from sites.models import DomainClaim, Site
from sites.operations.domains.claim import allowed_domains
from sites.operations.domains.hold import lead_here
from sites.policies.domain_check import Records, is_proven, leads_here

State = DomainClaim.State
BETWEEN_CHECKS: Final = timedelta(seconds=10)  # of one name, however often somebody presses the button
GIVE_THE_TASK_TIME: Final = timedelta(minutes=1)
FIRST_DAYS: Final = timedelta(days=1)
LAST_DAY: Final = timedelta(days=30)


def ask_for_check(*, claim: DomainClaim, now: datetime) -> bool:
    """Note that somebody wants to know how `claim` stands. False when it was looked at a moment ago, or soon is."""
    recently = now - BETWEEN_CHECKS
    resting = Q(check_asked_at=None) | Q(check_asked_at__lte=recently)
    claims = DomainClaim.objects.filter(resting, pk=claim.pk).exclude(state=State.RESTING)
    return bool(claims.update(check_asked_at=now))


def check_domain(*, claim_id: int, resolver: Resolver, now: datetime) -> None:
    """Look at the DNS, keep what it says, and take the claim as far as that allows. Can run at any time, twice.

    The proof makes a claim the holder of its name, if nobody is; a name that is proven and leads here becomes active
    when the membership has room for it. A claim that was proven and is not active yet needs its proof at each look. An
    active name stays active whatever the DNS says later.
    """
    claim = DomainClaim.objects.exclude(state=State.RESTING).filter(pk=claim_id).first()
    if claim is None:
        return
    records = resolver.look_up(
        name=claim.domain, proof_name=claim.proof_name
    )  # outside any lock: it may take seconds
    with transaction.atomic():
        assert claim.site is not None, "only a name in quarantine has no site"
        site = Site.objects.locked().get(pk=claim.site_id)
        claim = DomainClaim.objects.exclude(state=State.RESTING).filter(pk=claim_id).first()
        if claim is None:  # removed in the meantime
            return
        claim.site, claim.seen, claim.checked_at = site, records.to_json(), now
        claim.save(update_fields=["seen", "checked_at"])
        if not records.silent:
            _advance(claim, records, now=now)


def names_to_look_up(*, now: datetime) -> list[int]:
    """Claims whose look at the DNS is due: those asked for, new ones often, old ones seldom, active ones daily."""
    lost = Q(check_asked_at__lte=now - GIVE_THE_TASK_TIME) & (
        Q(checked_at=None) | Q(checked_at__lt=F("check_asked_at"))
    )
    on_the_way = Q(state__in=[State.WAITING, State.PROVEN])
    is_new = Q(created_at__gt=now - FIRST_DAYS, checked_at__lte=now - timedelta(minutes=10))
    is_old = (Q(created_at__gt=now - LAST_DAY) | Q(state=State.PROVEN)) & Q(
        checked_at__lte=now - timedelta(hours=1)
    )
    in_use = Q(state=State.ACTIVE) & (Q(checked_at=None) | Q(checked_at__lte=now - timedelta(days=1)))
    due = DomainClaim.objects.filter(lost | (on_the_way & (is_new | is_old)) | in_use)
    return list(due.exclude(state=State.RESTING).order_by("id").values_list("pk", flat=True))


def _advance(claim: DomainClaim, records: Records, *, now: datetime) -> None:
    proven = is_proven(records, proof=claim.proof_value)
    if claim.state == State.WAITING:
        claim.held_elsewhere = proven and not _take_hold(claim, now=now)
        claim.save(update_fields=["held_elsewhere"])
    elif claim.state == State.PROVEN and not proven:
        claim.state, claim.proven_at = State.WAITING, None
        claim.save(update_fields=["state", "proven_at"])
    if claim.state == State.PROVEN and points_here(claim, records):
        _put_to_use(claim, now=now)


def points_here(claim: DomainClaim, records: Records) -> bool:
    assert claim.site is not None, "only a name in quarantine has no site"
    return leads_here(records, own_host=claim.site.host, our_addresses=settings.SITES_ADDRESSES)


def _take_hold(claim: DomainClaim, *, now: datetime) -> bool:
    """Make `claim` the one that holds its name, unless another does: the database lets only one."""
    at_rest = DomainClaim.objects.filter(domain=claim.domain, state=State.RESTING)
    its_own_or_over = Q(membership=claim.membership_id) | Q(rests_until__lte=now)
    try:
        with transaction.atomic():
            at_rest.filter(its_own_or_over).delete()
            DomainClaim.objects.filter(pk=claim.pk).update(state=State.PROVEN, proven_at=now)
    except IntegrityError:
        return False
    claim.state, claim.proven_at = State.PROVEN, now
    return True


def _put_to_use(claim: DomainClaim, *, now: datetime) -> None:
    """Unless a smaller plan came first: then it stays proven, and is tried again at the next look."""
    assert claim.site is not None, "only a name in quarantine has no site"
    allowed = allowed_domains(claim.site)
    active = DomainClaim.objects.of(claim.site).filter(state=State.ACTIVE).count()
    if allowed is None or active < allowed:
        lead_here(claim, now=now)
