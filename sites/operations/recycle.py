"""Deleting a site: into the recycle bin, out of it, and at last for good."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction

from accounts.network.live import network
from products.limits import Kind
from sites import entitlements, routing
from sites.models import ContentSwitch, RetiredSchema, Site, SiteJob
from sites.operations.domains import remove_domains
from sites.operations.heads import is_current


class NotInTheBin(RuntimeError):
    """The site is not in the recycle bin, or has not been there long enough."""


@transaction.atomic
def recycle_site(*, site_id: int, now: datetime) -> Site:
    """Put the site into the recycle bin: its hosts answer like unknown ones, its place among the membership's sites is
    free, its content and addresses are kept for RECYCLE_DAYS. Done twice, the first time counts."""
    site = Site.objects.locked().get(pk=site_id)
    if site.state != Site.State.RECYCLED:
        site.state, site.recycled_at = Site.State.RECYCLED, now
        site.save(update_fields=["state", "recycled_at"])
        transaction.on_commit(partial(routing.forget, site))
    return site


@transaction.atomic
def put_back_site(*, site_id: int, now: datetime) -> Site:
    """Take the site out of the recycle bin. Its limits are brought up to date by the next sweep.

    Raises NotInTheBin, and LimitReached when the membership has no place for it any more.
    """
    site = Site.objects.select_related("membership").get(pk=site_id)
    entitlements.claim_in_network(Kind.SITES, holder=site.membership, now=now)
    site = Site.objects.locked().get(pk=site_id)
    if site.state != Site.State.RECYCLED:
        raise NotInTheBin(f"{site.name} is not in the recycle bin.")
    site.state, site.recycled_at = _state_of(site), None
    site.save(update_fields=["state", "recycled_at"])
    transaction.on_commit(partial(routing.forget, site))
    return site


def due_for_erasing(*, now: datetime) -> list[int]:
    """The sites that were in the recycle bin for RECYCLE_DAYS."""
    since = now - timedelta(days=network.recycle_days)
    recycled = Site.objects.filter(state=Site.State.RECYCLED, recycled_at__lte=since)
    return list(recycled.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def erase_site(*, site_id: int, now: datetime, at_once: bool = False) -> None:
    """Remove the site's rows from the network, and its archives; leave its schemas, on record, to `retire.erase_due`.

    Raises NotInTheBin for one that is not in the recycle bin, or not for long enough unless `at_once`.
    """
    site = Site.objects.locked().get(pk=site_id)
    is_due = at_once or site_id in due_for_erasing(now=now)
    if site.state != Site.State.RECYCLED or not is_due:
        raise NotInTheBin(f"{site.name} has not been in the recycle bin for {network.recycle_days} days.")
    hosts = list(site.domains.values_list("domain", flat=True))
    archives = [job.path for job in SiteJob.objects.filter(site=site, kind=SiteJob.Kind.EXPORT)]
    RetiredSchema.objects.filter(site_uid=site.uid, erased_at=None, erase_after__gt=now).update(
        erase_after=now
    )
    RetiredSchema.objects.bulk_create(
        (
            RetiredSchema.of(
                site,
                schema_name=schema,
                reason=RetiredSchema.Reason.ERASED,
                retired_at=now,
                erase_after=now,
            )
            for schema in {site.schema_name, *_kept_content(site)}
        ),
        ignore_conflicts=True,
    )
    remove_domains(site=site, now=now)
    site.delete()
    transaction.on_commit(partial(routing.forget_hosts, *hosts))
    for path in archives:
        transaction.on_commit(partial(path.unlink, missing_ok=True))


def _kept_content(site: Site) -> Iterable[str]:
    """Schemas of content that the site showed before, or was about to."""
    switches = ContentSwitch.objects.filter(site=site, erased_at=None)
    for old, new in switches.values_list("old_schema", "new_schema"):
        yield from (schema for schema in (old, new) if schema)


def _state_of(site: Site) -> Site.State:
    """What the site is out of the bin. One that was never ready is made on; one that missed migrations waits."""
    if site.ready_at is None:
        return Site.State.PROVISIONING
    return Site.State.READY if is_current(site.schema_name) else Site.State.MAINTENANCE
