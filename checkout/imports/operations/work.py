"""Check the rows of an import, and bring in those that are right. Killed anywhere, it goes on where it was."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import DataError, connection, transaction
from django.db.models.fields.json import KT
from django.utils import translation
from django.utils.translation import gettext as _

from checkout.imports.forms import ROWS
from checkout.imports.models import ImportJob, ImportRow
from checkout.imports.operations.attempt import Outcome, attempt
from memberships.models import Membership
from products.models import Product

LOCK: Final = (
    5_817_005  # the first number of the advisory locks; the second is the job's id, 0 for all of them
)
TRIED_TOGETHER: Final = 50  # so long nobody else may want an address that such a row asks for
KEPT: Final = timedelta(days=30)  # rows are about people

log = logging.getLogger(__name__)


def run_import(*, job: ImportJob, now: datetime) -> bool:
    """Let the rows that are right be brought in. False when that was said before, or they are not checked yet. The
    caller queues the work."""
    checked = ImportJob.objects.filter(pk=job.pk, state=ImportJob.State.CHECKED)
    return bool(checked.update(state=ImportJob.State.RUNNING, begun_at=now))


def stop_import(*, job: ImportJob) -> bool:
    """Let the row at hand be the last. What is brought in stays, and the rest can go on later."""
    running = ImportJob.objects.filter(pk=job.pk, state=ImportJob.State.RUNNING)
    return bool(running.update(state=ImportJob.State.CHECKED))


def work_on(*, job_id: int, clock: Callable[[], datetime]) -> None:
    """Do what is to be done with the import, unless somebody is at it. Raises ImportJob.DoesNotExist."""
    # Whoever was told to go on while the last of it was at work here has left it to this one.
    while _is_worked_on(job_id, clock) and ImportJob.objects.under_way().filter(pk=job_id).exists():
        pass


def _is_worked_on(job_id: int, clock: Callable[[], datetime]) -> bool:
    """Do it once; False when somebody is at it."""
    with _alone_on(job_id) as is_mine:
        job = ImportJob.objects.select_related("asked_by").get(pk=job_id)
        if not is_mine:
            return False
        language = (job.asked_by.language if job.asked_by else "") or settings.LANGUAGE_CODE
        with translation.override(language):  # what is wrong is written down as its reader speaks
            if job.state == ImportJob.State.CHECKING:
                _check(job, clock)
            elif job.state == ImportJob.State.RUNNING:
                _run(job, clock)
    return True


def forget_old(*, now: datetime) -> None:
    """Remove the rows, and the imports, that were finished long ago; what was brought in stays."""
    ImportJob.objects.finished_before(now - KEPT).delete()


def _check(job: ImportJob, clock: Callable[[], datetime]) -> None:
    """Try every row and undo it again. Products are tried all together, since a package names plans further up."""
    lines = _first_lines(job)
    together = None if job.kind == ImportJob.Kind.PRODUCTS else TRIED_TOGETHER
    new = job.rows.filter(state=ImportRow.State.NEW).order_by("line")
    while rows := list(new[:together]):
        with _alone_among_imports():
            outcomes = [_attempt(row, job, lines, clock()) for row in rows]
            transaction.set_rollback(True)
        for row, outcome in zip(rows, outcomes, strict=True):
            _settle(row, outcome, when_right=ImportRow.State.RIGHT)
        ImportRow.objects.bulk_update(rows, ["state", "errors", "product", "membership"])
    ImportJob.objects.filter(pk=job.pk, state=ImportJob.State.CHECKING).update(state=ImportJob.State.CHECKED)


def _run(job: ImportJob, clock: Callable[[], datetime]) -> None:
    """Bring in what is right, each row in one transaction with its record: whenever this ends, a row is done or not."""
    lines = _first_lines(job)
    running = ImportJob.objects.filter(pk=job.pk, state=ImportJob.State.RUNNING)
    for pk in list(
        job.rows.filter(state=ImportRow.State.RIGHT).order_by("line").values_list("pk", flat=True)
    ):
        if not running.exists():  # somebody has stopped it
            return
        with _alone_among_imports():
            row = job.rows.select_for_update().get(pk=pk)
            if row.state == ImportRow.State.RIGHT:
                _settle(row, _attempt(row, job, lines, clock()), when_right=ImportRow.State.DONE)
                row.save(update_fields=["state", "errors", "product", "membership"])
    running.update(state=ImportJob.State.DONE, finished_at=clock())


def _attempt(row: ImportRow, job: ImportJob, lines: dict[tuple[str, str], int], now: datetime) -> Outcome:
    """`attempt`; a row that nobody foresaw must not keep the others waiting."""
    row.job = job
    try:
        with transaction.atomic():
            return attempt(row, lines=lines, now=now)
    except (ArithmeticError, DataError, LookupError, TypeError, ValueError):
        log.exception("row %s of import %s cannot be brought in", row.line, job.uid)
        first = next(iter(ROWS[job.kind].base_fields))
        return Outcome(errors={first: [_("This row cannot be brought in.")]})


def _settle(row: ImportRow, outcome: Outcome, *, when_right: str) -> None:
    row.errors = outcome.errors
    if outcome.errors:
        row.state = ImportRow.State.REFUSED
        return
    row.state = ImportRow.State.KNOWN if outcome.is_known else when_right
    if row.state != ImportRow.State.RIGHT:  # of a row that was only tried nothing is left
        row.product = outcome.made if isinstance(outcome.made, Product) else None
        row.membership = outcome.made if isinstance(outcome.made, Membership) else None


def _first_lines(job: ImportJob) -> dict[tuple[str, str], int]:
    """Which line of the file is the first to say what only one may say, by column and value."""
    first: dict[tuple[str, str], int] = {}
    for column in ROWS[job.kind].alone:
        for line, said in job.rows.order_by("line").values_list("line", KT(f"values__{column}")):
            first.setdefault((column, str(said or "").lower()), line)
    return first


@contextmanager
def _alone_on(job_id: int) -> Iterator[bool]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK, job_id])
        (is_mine,) = cursor.fetchone() or (False,)
    try:
        yield is_mine
    finally:
        if is_mine:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK, job_id])


@contextmanager
def _alone_among_imports() -> Iterator[None]:
    """A transaction that other imports wait for: two that hold the same members in another order would wait for each
    other's."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [LOCK])
        yield
