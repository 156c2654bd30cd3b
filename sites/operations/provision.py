"""From rows to a ready site, step by step, from wherever the last attempt stopped."""

from datetime import datetime
from functools import partial
from time import perf_counter

from django.db import connection, transaction

from sites import routing
from sites.models import ProvisioningStep, Site
from sites.operations import spares
from sites.operations.steps import STEPS
from sites.operations.template import ensure_template
from sites.signals import site_ready

UNFINISHED = frozenset({Site.State.PROVISIONING, Site.State.FAILED})


def provision_site(*, site_id: int, now: datetime) -> Site:
    """Take the steps that are not done yet and make the site ready.

    Each step commits together with its record, under the site's lock: killed anywhere, or run twice at once,
    every step happens once. A step that fails is recorded with its error, the site is marked, and the error
    is raised. Raises Site.DoesNotExist.
    """
    site: Site = Site.objects.get(pk=site_id)
    if site.state not in UNFINISHED:
        return site
    if not spares.are_there():
        ensure_template(now=now)
    for name in STEPS:
        try:
            _take(name, site_id=site_id, now=now)
        except Exception as error:
            _record_failure(name, site_id=site_id, error=error, now=now)
            raise
    return _make_ready(site_id=site_id, now=now)


@transaction.atomic
def _take(name: str, *, site_id: int, now: datetime) -> None:
    _wait_for_the_disk_at_the_end()
    site = Site.objects.locked().get(pk=site_id)
    step = ProvisioningStep.objects.get(site=site, name=name)
    if step.state == ProvisioningStep.State.DONE:
        return
    started = perf_counter()
    STEPS[name](site, now)
    step.seconds = perf_counter() - started
    step.state = ProvisioningStep.State.DONE
    step.attempts += 1
    step.started_at = step.started_at or now
    step.finished_at = now
    step.error = ""
    step.save()


@transaction.atomic
def _record_failure(name: str, *, site_id: int, error: Exception, now: datetime) -> None:
    site = Site.objects.locked().get(pk=site_id)
    step = ProvisioningStep.objects.get(site=site, name=name)
    if step.state == ProvisioningStep.State.DONE or site.state not in UNFINISHED:
        return  # another worker got through, or the site went into the recycle bin
    step.state = ProvisioningStep.State.FAILED
    step.attempts += 1
    step.started_at = step.started_at or now
    step.error = f"{type(error).__name__}: {error}"[:2000]
    step.save()
    site.state = Site.State.FAILED
    site.save(update_fields=["state"])


@transaction.atomic
def _make_ready(*, site_id: int, now: datetime) -> Site:
    site = Site.objects.locked().get(pk=site_id)
    if site.state in UNFINISHED:
        site.state = Site.State.READY
        site.ready_at = now
        site.save(update_fields=["state", "ready_at"])
        transaction.on_commit(partial(routing.forget, site))
        transaction.on_commit(partial(site_ready.send_robust, Site, site_id=site.pk, now=now))
    return site


def _wait_for_the_disk_at_the_end() -> None:
    """Commits reach the disk in order: when that of the last step does, those before it have. A power cut in between
    takes a step together with its record, and it is taken again."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
