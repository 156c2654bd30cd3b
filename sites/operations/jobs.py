"""What network admins, or its owner, ask to be done with a site: done in the background, with progress."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final

from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django_tenants.utils import get_public_schema_name, schema_context
from redis.exceptions import RedisError

from sites.models import Site, SiteJob
from sites.operations.archives.restore import restore_site
from sites.operations.archives.write import export_site
from sites.operations.clone import clone_site
from sites.operations.recycle import erase_site, recycle_site

LOCK: Final = 5_817_004  # of pg_try_advisory_lock's two numbers the first; the job's id is the second
GIVE_THE_TASK_TIME: Final = timedelta(minutes=1)
ARCHIVES_KEPT: Final = timedelta(days=30)
COPY_FOR: Final = timedelta(days=7)  # so long may an owner fetch a copy
MOST_COPIES_A_DAY: Final = 5
PROGRESS_KEPT: Final = 3600  # seconds


class CopyRefused(Exception):
    """`code` is `under_way`, while another job is at the site, or `too_many`, after `MOST_COPIES_A_DAY` in a day."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def ask_for_copy(*, site: Site, asked_by: str, now: datetime) -> SiteJob:
    """Write down that the owner wants their site as a file; the caller queues it. Raises CopyRefused."""
    lately = SiteJob.objects.filter(site=site, kind=SiteJob.Kind.EXPORT, asked_at__gt=now - timedelta(days=1))
    if lately.count() >= MOST_COPIES_A_DAY:
        raise CopyRefused("too_many")
    job = SiteJob(site=site, kind=SiteJob.Kind.EXPORT, asked_by=asked_by, asked_at=now)
    job.archive = f"{site.slug}-{now:%Y%m%d-%H%M%S}.zip"
    try:
        with transaction.atomic():
            job.save()
    except IntegrityError:
        raise CopyRefused("under_way") from None
    return job


def copies_of(site: Site, *, now: datetime) -> list[SiteJob]:
    """The exports that its owner may know of: under way, or finished not too long ago; the newest first."""
    exports = SiteJob.objects.filter(site=site, kind=SiteJob.Kind.EXPORT)
    return list(exports.filter(Q(finished_at=None) | Q(finished_at__gt=now - COPY_FOR)))


def is_for_download(job: SiteJob, *, now: datetime) -> bool:
    """Whether its owner may fetch the archive now, and can."""
    in_time = job.finished_at is not None and now < job.finished_at + COPY_FOR
    return job.state == SiteJob.State.DONE and in_time and job.path.exists()


def run_job(*, job_id: int, now: datetime) -> None:
    """Do the job, unless it is done or somebody is at it; one that a killed process left is done from the beginning.

    What goes wrong is written on the job. Raises SiteJob.DoesNotExist.
    """
    with _alone_on(job_id) as is_mine:
        job = SiteJob.objects.select_related("site__membership").get(pk=job_id)
        if not is_mine or job.finished_at is not None:
            return
        try:
            _begin(job, now=now)
            _do(job, now=now)
        except Exception as error:  # noqa: BLE001 -- whatever it is, who asked for the job reads it on the job
            _finish(job, SiteJob.State.FAILED, now=now, error=str(error)[:2000] or type(error).__name__)
        else:
            _finish(job, SiteJob.State.DONE, now=now)


def unfinished(*, now: datetime) -> list[int]:
    """Jobs whose task may have been lost, or killed."""
    rows = SiteJob.objects.unfinished(asked_before=now - GIVE_THE_TASK_TIME)
    return list(rows.values_list("pk", flat=True))


def progress(job: SiteJob) -> tuple[int, str]:
    """How far the job is, in per cent, and what is at hand. Nothing is lost with it but the sight."""
    try:
        percent, what = cache.get(_key(job), (0, ""))
    except RedisError:
        return 0, ""
    return percent, what


@transaction.atomic
def _begin(job: SiteJob, *, now: datetime) -> None:
    """Write down when, and remove what an attempt that was killed had made of a copy: a site of just its moment."""
    half = Site.objects.filter(
        membership=job.site.membership_id, slug=job.slug, created_at=job.started_at
    ).first()
    if half is not None:
        recycle_site(site_id=half.pk, now=now)
        erase_site(site_id=half.pk, now=now, at_once=True)
    SiteJob.objects.filter(pk=job.pk).update(state=SiteJob.State.RUNNING, started_at=now)


def _do(job: SiteJob, *, now: datetime) -> None:
    def tell(percent: int, what: str) -> None:
        _tell(job, percent, what)

    match SiteJob.Kind(job.kind):
        case SiteJob.Kind.EXPORT:
            job.path.unlink(missing_ok=True)  # of an attempt that was killed before it could say so
            export_site(site=job.site, path=job.path, now=now, tell=tell)
        case SiteJob.Kind.RESTORE:
            restore_site(site=job.site, path=job.path, now=now, tell=tell)
        case SiteJob.Kind.CLONE:
            membership = job.site.membership
            clone_site(
                source=job.site, membership=membership, name=job.name, slug=job.slug, now=now, tell=tell
            )


def _finish(job: SiteJob, state: SiteJob.State, *, now: datetime, error: str = "") -> None:
    SiteJob.objects.filter(pk=job.pk).update(state=state, error=error, finished_at=now)


def _tell(job: SiteJob, percent: int, what: str) -> None:
    try:
        with schema_context(get_public_schema_name()):  # keys carry the schema; the work goes through others
            cache.set(_key(job), (percent, what), timeout=PROGRESS_KEPT)
    except RedisError:
        return


def _key(job: SiteJob) -> str:
    return f"site-job:{job.pk}"


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


@transaction.atomic
def forget_old(*, now: datetime) -> None:
    """Remove jobs that were finished long ago, and the archives they made."""
    old = list(SiteJob.objects.filter(finished_at__lt=now - ARCHIVES_KEPT))
    for job in old:
        if job.kind == SiteJob.Kind.EXPORT:
            job.path.unlink(missing_ok=True)
        job.delete()
