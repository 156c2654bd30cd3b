"""One site's schema to the migrations of this code."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from time import perf_counter, sleep
from typing import Final

from django.db import OperationalError, connection, transaction
from django_tenants.utils import tenant_context
from psycopg.errors import DeadlockDetected, LockNotAvailable

from sites import routing
from sites.models import Site, SiteMigration
from sites.operations.heads import stamp
from sites.operations.migration_plan import plan_for_current_schema
from sites.operations.site_lock import SiteBusy, alone_on
from sites.operations.site_migrations import heads

LOCK_TIMEOUT: Final = "2s"  # so long do a site's visitors wait behind a migration that waits for one of them
ATTEMPTS: Final = 5
FIRST_PAUSE: Final = 0.5  # seconds before the second attempt; doubles each time


class Result(StrEnum):
    DONE = "done"
    FAILED = "failed"
    BUSY = "busy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a site: `seconds` is the time of the last attempt, `error` says why it failed or is busy."""

    slug: str
    result: Result
    seconds: float = 0.0
    attempts: int = 1
    error: str = ""


def migrate_site(*, site_id: int, now: datetime) -> Outcome:
    """Bring the site's schema to the migrations of this code: all of them, or none when one fails.

    A site that fails is shown as in maintenance, since the code no longer fits it, until it is migrated. One that
    somebody holds locked is tried again; one that is exported or restored meanwhile is left alone. Raises
    Site.DoesNotExist.
    """
    site: Site = Site.objects.get(pk=site_id)
    try:
        with alone_on(site_id):
            return _migrate(site, now=now)
    except SiteBusy as busy:
        return Outcome(slug=site.slug, result=Result.BUSY, error=str(busy))


def _migrate(site: Site, *, now: datetime) -> Outcome:
    row = SiteMigration.State
    SiteMigration.objects.update_or_create(
        site=site,
        defaults={"state": row.RUNNING, "error": "", "started_at": now, "finished_at": None, "seconds": None},
    )
    for attempt in range(1, ATTEMPTS + 1):
        began = perf_counter()
        try:
            _bring_along(site, now=now, attempt=attempt, began=began)
        except Exception as error:  # noqa: BLE001 -- whatever is wrong with one site, the others get their migrations
            seconds = perf_counter() - began
            if _is_locked(error) and attempt < ATTEMPTS:
                sleep(FIRST_PAUSE * 2 ** (attempt - 1))
                continue
            why = f"{type(error).__name__}: {error}".strip()[:2000]
            _record_failure(site, why=why, now=now, attempt=attempt, seconds=seconds)
            return Outcome(slug=site.slug, result=Result.FAILED, seconds=seconds, attempts=attempt, error=why)
        return Outcome(slug=site.slug, result=Result.DONE, seconds=perf_counter() - began, attempts=attempt)
    raise AssertionError("The last attempt returns.")


def _bring_along(site: Site, *, now: datetime, attempt: int, began: float) -> None:
    """Migrate and say so, in one transaction where the migrations allow it."""
    with tenant_context(site):
        plan = plan_for_current_schema()
    with _impatience(), transaction.atomic() if plan.is_atomic else nullcontext():
        with tenant_context(site):
            plan.apply()
        with transaction.atomic():
            stamp(site.schema_name)
            _record_success(site, now=now, attempt=attempt, seconds=perf_counter() - began)


@contextmanager
def _impatience() -> Iterator[None]:
    """Give up waiting for a lock soon: whoever comes later waits behind us."""
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = %s", [LOCK_TIMEOUT])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")


def _is_locked(error: Exception) -> bool:
    return isinstance(error, OperationalError) and isinstance(
        error.__cause__, LockNotAvailable | DeadlockDetected
    )


def _record_success(site: Site, *, now: datetime, attempt: int, seconds: float) -> None:
    SiteMigration.objects.filter(site=site).update(
        state=SiteMigration.State.DONE,
        heads=heads(),
        error="",
        attempts=attempt,
        seconds=seconds,
        finished_at=now + timedelta(seconds=seconds),
    )
    if Site.objects.filter(pk=site.pk, state=Site.State.MAINTENANCE).update(state=Site.State.READY):
        transaction.on_commit(partial(routing.forget, site))


@transaction.atomic
def _record_failure(site: Site, *, why: str, now: datetime, attempt: int, seconds: float) -> None:
    SiteMigration.objects.filter(site=site).update(
        state=SiteMigration.State.FAILED,
        error=why,
        attempts=attempt,
        seconds=seconds,
        finished_at=now + timedelta(seconds=seconds),
    )
    if Site.objects.filter(pk=site.pk, state=Site.State.READY).update(state=Site.State.MAINTENANCE):
        transaction.on_commit(partial(routing.forget, site))
