"""A file into a site: into a schema beside the one that is shown, proven there, then put in its place."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

from django.db import DatabaseError, connection, transaction
from django_tenants.postgresql_backend.base import FakeTenant
from django_tenants.utils import quote_schema_name, tenant_context

from sites import routing
from sites.content.models import SiteIdentity
from sites.content.storage import media_folder
from sites.entitlements import write_limits
from sites.models import RetiredSchema, Site, SiteTemplate
from sites.operations.archives.manifest import ArchiveRefused, Manifest
from sites.operations.archives.read import Archive
from sites.operations.archives.write import LEFT_OUT, Tell
from sites.operations.heads import stamp
from sites.operations.migration_plan import plan_for_current_schema
from sites.operations.over_limit import settle
from sites.operations.people import bring_people_in_line
from sites.operations.proof import NotProven, prove_page, prove_tables
from sites.operations.retire import OLD_CONTENT_KEPT, discard
from sites.operations.site_lock import alone_on
from sites.operations.steps import admit_owner, point_domain
from sites.operations.template import NAME_HERE
from sites.postgresql import copy
from sites.signals import site_ready

TIME_TO_FINISH: Final = timedelta(days=1)  # what was begun and is not shown after that belongs to nobody


def restore_site(*, site: Site, path: Path, now: datetime, tell: Tell, from_another: bool = False) -> None:
    """Show the content of the archive at `path` on the site, whose own content is kept for a week.

    The site is shown as it was until the copy is proven; the membership's limits, the owner and the domain are those
    of now. An archive of another site is taken `from_another` only. Memory does not grow with the archive. Not to be
    called in a transaction. Raises ArchiveRefused, SiteBusy; nothing is left behind then.
    """
    with Archive.opened(path) as archive, alone_on(site.pk):
        template = _template_of(archive.manifest, site=site, from_another=from_another)
        with _new_schema(site, now=now) as schema:
            with transaction.atomic():
                _fill(schema, archive, template=template, tell=tell)
            _put_files(schema, archive, tell=tell)
            _put_in_place(site.pk, schema, renamed=from_another, now=now)
    tell(100, "")


def _template_of(manifest: Manifest, *, site: Site, from_another: bool) -> SiteTemplate:
    """What the archive's schema was made of. Raises ArchiveRefused."""
    if manifest.site != str(site.uid) and not from_another:
        raise ArchiveRefused(f"This archive is of another site: {manifest.name}, {manifest.host}.")
    template = SiteTemplate.objects.filter(fingerprint=manifest.migrations).first()
    if template is None:
        raise ArchiveRefused(
            f"The archive was made with migrations that this network has never had ({manifest.migrations[:12]}), by"
            f" {', '.join(f'{name} {version}' for name, version in manifest.versions.items())}."
        )
    return template


@contextmanager
def _new_schema(site: Site, *, now: datetime) -> Iterator[str]:
    """The name of a schema to be made, written down before it is there, so that it is removed whatever happens."""
    schema = f"site_{uuid.uuid4().hex}"
    reason, until = RetiredSchema.Reason.UNFINISHED, now + TIME_TO_FINISH
    unfinished = RetiredSchema.of(site, schema_name=schema, reason=reason, retired_at=now, erase_after=until)
    unfinished.save()
    try:
        yield schema
    except BaseException:
        discard(unfinished)
        raise


def _fill(schema: str, archive: Archive, *, template: SiteTemplate, tell: Tell) -> None:
    """Make the schema and put the rows in. Raises ArchiveRefused."""
    with connection.cursor() as cursor:
        cursor.execute(template.sql.replace(NAME_HERE, quote_schema_name(schema)))
    tables = {table.name: table for table in copy.tables_in(schema) if table.name not in LEFT_OUT}
    _compare(tables, archive.manifest)
    copy.empty(tables.values(), schema=schema)
    size, done = archive.manifest.size or 1, 0
    try:
        with copy.references_checked_at_the_end():
            for part in archive.manifest.tables:
                tell(100 * done // size, part.name)
                rows = copy.copy_in(
                    copy.Table(name=part.name, columns=part.columns), archive.read(part), schema=schema
                )
                if rows != part.rows:
                    raise ArchiveRefused(f"{part.member} has {rows} rows, the list says {part.rows}.")
                done += part.size
        copy.set_sequences(schema)
        with tenant_context(FakeTenant(schema)):
            plan_for_current_schema().apply()
        stamp(schema)
    except DatabaseError as error:
        raise ArchiveRefused(f"The rows do not fit together: {str(error).strip()}") from error


def _compare(tables: dict[str, copy.Table], manifest: Manifest) -> None:
    """The archive holds exactly the tables and columns that its migrations make."""
    found = {part.name: part for part in manifest.tables}
    if different := sorted(found.keys() ^ tables.keys()):
        raise ArchiveRefused(
            f"The table {different[0]} is on only one side: in the archive or in its migrations."
        )
    for name, part in found.items():
        if set(part.columns) != set(tables[name].columns):
            raise ArchiveRefused(f"{part.member} does not have the columns that its migrations make.")


def _put_files(schema: str, archive: Archive, *, tell: Tell) -> None:
    size, done = archive.manifest.size or 1, sum(part.size for part in archive.manifest.tables)
    with tenant_context(FakeTenant(schema)):
        root = media_folder().resolve()
        for part in archive.manifest.files:
            tell(100 * done // size, part.name)
            target = (root / part.name).resolve()
            if not target.is_relative_to(root):
                raise ArchiveRefused(f"{part.name!r} leads out of the site's folder.")
            _put_file(target, archive.read(part), name=part.name)
            done += part.size


def _put_file(target: Path, chunks: Iterator[bytes], *, name: str) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as file:
            for chunk in chunks:
                file.write(chunk)
    except (FileExistsError, NotADirectoryError) as error:
        raise ArchiveRefused(f"{name!r} stands in another file's place.") from error


@transaction.atomic
def _put_in_place(site_id: int, schema: str, *, renamed: bool, now: datetime) -> None:
    """Let the site show `schema`, when that is as it must be. Raises ArchiveRefused."""
    site = Site.objects.locked().get(pk=site_id)
    old, site.schema_name = site.schema_name, schema
    _settle(site, renamed=renamed, now=now)
    try:
        prove_tables(schema)
        with tenant_context(site):
            name = SiteIdentity.objects.values_list("name", flat=True).get()
        prove_page(Site(name=name, slug=site.slug, schema_name=schema, entitlements=site.entitlements))
    except (NotProven, SiteIdentity.DoesNotExist) as error:
        raise ArchiveRefused(f"The restored site does not work: {error}") from error
    if site.state == Site.State.MAINTENANCE:
        site.state = Site.State.READY
    site.save(update_fields=["schema_name", "state", "entitlements_version"])
    if site.access == Site.Access.OPEN:
        settle(site, restore=True, now=now)
    RetiredSchema.objects.filter(schema_name=schema).delete()
    reason, until = RetiredSchema.Reason.REPLACED, now + OLD_CONTENT_KEPT
    RetiredSchema.of(site, schema_name=old, reason=reason, retired_at=now, erase_after=until).save()
    transaction.on_commit(partial(routing.forget, site))
    transaction.on_commit(partial(site_ready.send_robust, Site, site_id=site.pk, now=now))


def _settle(site: Site, *, renamed: bool, now: datetime) -> None:
    """What the network says of a site holds for the restored content too: limits, people, address, a clone's name."""
    site.entitlements_version += 1
    with tenant_context(site):
        write_limits(site.limits.amounts, version=site.entitlements_version)
        if renamed:
            SiteIdentity.objects.update(name=site.name)
    admit_owner(site, now)
    point_domain(site, now)
    bring_people_in_line(site)
