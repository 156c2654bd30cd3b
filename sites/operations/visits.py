"""Visits of the month against their limit. The owner is told at 80 % and when they are used up; from then on the
network's policy holds, which unless it says otherwise is a week of grace and then a notice."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import BigIntegerField, Case, F, OuterRef, Subquery, Sum, Value, When
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from memberships.models import Notice
from memberships.notices import notify
from products.limits import Kind, is_near
from sites.kinds.base import registry
from sites.metering import rollup
from sites.models import DailyVisits, OverLimit, Site
from sites.operations.over_limit import policies_in_force, settle
from sites.policies.access import Access


def sites_to_look_at(*, now: datetime) -> Iterator[int]:
    """Sites that have reached 80 % and whose owner does not know, that are over and not held to it, or no longer over.

    One query for all sites, and one for what their owners were told.
    """
    near = list(_near(now))
    told = set(
        Notice.objects.filter(
            kind__in=["visits_near", "visits_over"],
            reference__in=[_reference(site, allowed=site.allowed, now=now) for site in near],
        ).values_list("kind", "reference")
    )
    held = set(
        OverLimit.objects.filter(
            kind=Kind.VISITS, ended_at=None, site__state=Site.State.READY, site__access=Site.Access.OPEN
        ).values_list("site_id", flat=True)
    )
    for site in near:
        is_told = (_mail(site.used, site.allowed), _reference(site, allowed=site.allowed, now=now)) in told
        if not is_told or (site.used > site.allowed) != (site.pk in held):
            yield site.pk
    yield from held - {site.pk for site in near}


@transaction.atomic
def settle_visits(*, site_id: int, now: datetime) -> None:
    """Hold one site to its visits of this month, and tell its owner once of each. Raises Site.DoesNotExist."""
    site = Site.objects.locked().get(pk=site_id)
    if site.state != Site.State.READY or site.access != Access.OPEN:
        return
    used, allowed = rollup.visits_in_month(site_id=site.pk, day=now.date()), site.limits[Kind.VISITS]
    Site.objects.filter(pk=site.pk).update(usage={**site.usage, Kind.VISITS.value: used})
    settle(site, restore=False, now=now, kinds=[registry[Kind.VISITS]])
    if allowed is not None and is_near(used=used, allowed=allowed):
        _tell(site, used=used, allowed=allowed, now=now)


def _tell(site: Site, *, used: int, allowed: int, now: datetime) -> None:
    kind, reference = _mail(used, allowed), _reference(site, allowed=allowed, now=now)
    if Notice.objects.filter(membership=site.membership, kind=kind, reference=reference).exists():
        return
    facts = {
        "site": site.name,
        "used": used,
        "allowed": allowed,
        "at": next_month(now),
        "until": _notice_at(site, now),
    }
    notify(site.membership, kind, reference=reference, facts=facts, now=now)


def _near(now: datetime) -> Any:
    """Open sites for which `is_near` holds, with what they `used` and are `allowed`."""
    month = DailyVisits.objects.filter(
        site=OuterRef("pk"), day__gte=now.date().replace(day=1), day__lt=next_month(now).date()
    )
    return (
        Site.objects.filter(state=Site.State.READY, access=Site.Access.OPEN)
        .annotate(
            used=Subquery(month.values("site").annotate(total=Sum("count")).values("total")),
            allowed=Case(
                When(
                    entitlements__has_key="visits", then=Cast(KT("entitlements__visits"), BigIntegerField())
                ),
                default=Value(0),
            ),
        )
        .filter(used__gt=0, used__gte=F("allowed") - F("allowed") / 5)
    )


def _mail(used: int, allowed: int) -> str:
    return "visits_over" if used >= allowed else "visits_near"


def _reference(site: Site, *, allowed: int, now: datetime) -> str:
    """A site's month under a limit: who gets another limit is told anew."""
    return f"visits-{site.pk}-{now:%Y-%m}-{allowed}"


def _notice_at(site: Site, now: datetime) -> datetime | None:
    """From when on visitors see a notice; with the last visit used, and none beyond, not before a week from now."""
    row = OverLimit.objects.filter(site=site, kind=Kind.VISITS, ended_at=None).first()
    if row is not None:
        return row.notice_at
    visits = registry[Kind.VISITS]
    return now + visits.grace if policies_in_force()[Kind.VISITS] in visits.shows_notice else None


def next_month(now: datetime) -> datetime:
    """When visits count again from 0: they are counted by days in UTC."""
    first = datetime(now.year, now.month, 1, tzinfo=UTC)
    return (first + timedelta(days=32)).replace(day=1)
