"""What was lost between a commit and its task, found again from rows."""

import logging
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from django.db.models import Prefetch, Q

from memberships.operations.entitlements import entitlements_of
from products.limits import Kind
from sites.models import ContentSwitch, HandOver, OverLimit, ProvisioningStep, Site, VisitBatch
from sites.operations.entitle import access_of
from sites.operations.over_limit import is_to_settle

SITES_AT_ONCE: Final = 500
log = logging.getLogger(__name__)

GIVE_THE_TASK_TIME: Final = timedelta(minutes=1)
USAGE_IS_OLD_AFTER: Final = timedelta(hours=6)
PASSES_KEPT: Final = timedelta(days=30)
BATCHES_KEPT: Final = timedelta(days=7)


def unfinished_sites(*, now: datetime) -> list[int]:
    """Sites that should be ready by now and are not."""
    sites = Site.objects.filter(state__in=[Site.State.PROVISIONING, Site.State.FAILED])
    return list(sites.filter(created_at__lte=now - GIVE_THE_TASK_TIME).values_list("pk", flat=True))


def unfinished_switches(*, now: datetime) -> list[int]:
    """Changes of content that should be done by now and are not."""
    asked = ContentSwitch.objects.waiting().filter(asked_at__lte=now - GIVE_THE_TASK_TIME)
    return list(asked.values_list("pk", flat=True))


def alarm_of_unready_sites(*, now: datetime) -> int:
    """Log an error for every site that its owner may use by now and cannot. Answers how many there are."""
    sites = Site.objects.paid_not_ready(at=now).prefetch_related("steps")
    for site in sites:
        step = next((step for step in site.steps.all() if step.state != ProvisioningStep.State.DONE), None)
        log.error(
            "site %s was ordered at %s: paid and not ready, it waits for %s", site.uid, site.created_at, step
        )
    return len(sites)


def sites_out_of_line(*, now: datetime) -> list[int]:
    """Ready sites whose limits are not those of their membership, or that are open to others than it says. Two
    statements for every `SITES_AT_ONCE` of them."""
    sites = Site.objects.ready().select_related("membership").order_by("membership").iterator(SITES_AT_ONCE)
    found = []
    while some := list(islice(sites, SITES_AT_ONCE)):
        allowed = entitlements_of({site.membership for site in some})
        found += [
            site.pk
            for site in some
            if site.access != access_of(site.membership, now=now)
            or site.limits != allowed[site.membership_id]
        ]
    return found


def sites_with_old_usage(*, now: datetime) -> list[int]:
    old = Q(usage_at=None) | Q(usage_at__lt=now - USAGE_IS_OLD_AFTER)
    return list(Site.objects.filter(old, state=Site.State.READY).values_list("pk", flat=True))


def sites_with_contact_forms() -> list[int]:
    """Ready sites whose visitors may send messages."""
    sites = Site.objects.filter(state=Site.State.READY, entitlements__has_key=Kind.CONTACT_FORMS.value)
    return list(sites.values_list("pk", flat=True))


def sites_over_limits() -> list[int]:
    """Ready sites that are over a limit by the last count, or were when they were settled last."""
    standing = Prefetch("over_limits", OverLimit.objects.filter(ended_at=None))
    sites = Site.objects.filter(state=Site.State.READY, access=Site.Access.OPEN).prefetch_related(standing)
    return [site.pk for site in sites.iterator(chunk_size=500) if is_to_settle(site)]


def remove_old_rows(*, now: datetime) -> None:
    """Passes and batches that nobody can use any more."""
    HandOver.objects.filter(expires_at__lt=now - PASSES_KEPT).delete()
    VisitBatch.objects.filter(added_at__lt=now - BATCHES_KEPT).delete()
