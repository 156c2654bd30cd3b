"""Staff visit a site as its owner: for a reason, for a while, seen by the owner. Not their Account page: who visits can
neither pay nor change a plan."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet, Value
from django.db.models.functions import Least
from django_tenants.utils import get_public_schema_name, schema_context

from accounts.models import User
from sites.models import OwnerVisit, Site
from sites.models.owner_visit import VISIT_LIFETIME
from sites.operations.enter import hand_over
from sites.operations.people.staying import bring_people_in_line


class VisitRefused(Exception):
    """Nobody can visit. `code` is one of `own` (they are its owner) and `not_ready`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@transaction.atomic
def begin_visit(*, site: Site, actor: User, reason: str, now: datetime) -> str:
    """Let `actor`, who was authorised by the caller, into `site` with its owner's rights. Answers their pass's token.

    A visit of theirs that is running goes on, until the end it had: it is one visit, for the reason it began with.
    Raises VisitRefused.
    """
    locked = Site.objects.locked().get(pk=site.pk)
    if locked.membership.customer.user_id == actor.pk:
        raise VisitRefused("own")
    if locked.state != Site.State.READY:
        raise VisitRefused("not_ready")
    _end(locked, OwnerVisit.objects.run_out(at=now).filter(site=locked), now=now)
    visit = OwnerVisit.objects.running(at=now).filter(site=locked, actor=actor).first()
    if visit is None:
        visit = OwnerVisit.objects.create(
            site=locked, actor=actor, reason=reason, began_at=now, ends_at=now + VISIT_LIFETIME
        )
    return hand_over(site=locked, user=actor, visit=visit, now=now)


def end_visit(*, uid: UUID, site_id: int, now: datetime) -> bool:
    """End visit `uid` of the site: its session and its pass are worth nothing any more. False when it was over. May be
    called from within the site, whose requests reach this one row of the network."""
    with schema_context(get_public_schema_name()), transaction.atomic():
        site = Site.objects.locked().get(pk=site_id)
        return _end(site, site.owner_visits.filter(uid=uid, ended_at=None), now=now)


def end_run_out_visits(*, now: datetime) -> int:
    """End the visits whose time is over, and those of who may not visit any more. Answers of how many sites."""
    over = set(OwnerVisit.objects.run_out(at=now).values_list("site", "pk"))
    for visit in OwnerVisit.objects.running(at=now).select_related("actor"):
        if not may_visit(visit.actor):
            over.add((visit.site_id, visit.pk))
    sites: dict[int, list[int]] = {}
    for site_id, pk in sorted(over):
        sites.setdefault(site_id, []).append(pk)
    for site_id, pks in sites.items():
        with transaction.atomic():
            site = Site.objects.locked().get(pk=site_id)
            _end(site, site.owner_visits.filter(pk__in=pks, ended_at=None), now=now)
    return len(sites)


def may_visit(user: User) -> bool:
    """Whether `user` may visit sites as their owner now: who is of the staff, and whose role says so."""
    return user.is_active and user.is_staff and user.has_perm("sites.visit_as_owner")


def _end(site: Site, visits: QuerySet[OwnerVisit], *, now: datetime) -> bool:
    ended = visits.update(ended_at=Least(Value(now), F("ends_at")))
    if ended:
        bring_people_in_line(site)
    return bool(ended)
