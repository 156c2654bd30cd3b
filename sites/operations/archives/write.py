"""A site into a file."""

import hashlib
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

from django.db import connection, transaction
from django_tenants.utils import tenant_context

from sites.content.storage import SiteMedia
from sites.models import Site
from sites.operations.archives.manifest import (
    FORMAT,
    MANIFEST,
    SIGNATURE,
    FilePart,
    Manifest,
    TablePart,
    is_inside,
    sign,
)
from sites.operations.heads import is_current
from sites.operations.site_lock import alone_on
from sites.operations.site_migrations import fingerprint
from sites.postgresql import copy

LEFT_OUT: Final = frozenset(
    {
        "django_migrations",  # the new schema has its own, by what it was made of
        "django_session",  # nobody stays signed in through a restore
    }
)
CHUNK: Final = 256 * 1024  # bytes of a file in memory
PACKED: Final = 1  # zlib's quickest: the rows get a quarter of their size, at little time

Tell = Callable[[int, str], None]  # percent done, and what is at hand


class NotExportable(RuntimeError):
    """The site cannot be exported as it stands; the message says why."""


def export_site(*, site: Site, path: Path, now: datetime, tell: Tell) -> Manifest:
    """Write the site into a new file at `path`, which appears when it is whole.

    All rows are of one moment; a file that is deleted meanwhile is left out. Memory does not grow with the site. Not
    to be called in a transaction. Raises NotExportable, SiteBusy, FileExistsError.
    """
    if path.exists():
        raise FileExistsError(f"{path} is there already.")
    if not is_current(site.schema_name):
        raise NotExportable("The site's schema lacks migrations of this code: run migrate_sites first.")
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.unfinished")
    try:
        with alone_on(site.pk), zipfile.ZipFile(unfinished, "w", allowZip64=True) as archive:
            site.refresh_from_db(fields=["schema_name"])  # of a restore that ended just now
            manifest = _write(site, archive, now=now, tell=tell)
        unfinished.rename(path)
    finally:
        unfinished.unlink(missing_ok=True)
    tell(100, "")
    return manifest


def _write(site: Site, archive: zipfile.ZipFile, *, now: datetime, tell: Tell) -> Manifest:
    with _one_moment():
        tables = [each for each in copy.tables_in(site.schema_name) if each.name not in LEFT_OUT]
        with tenant_context(site):
            names = sorted(name for name in _files(SiteMedia()) if is_inside(name))
        steps = len(tables) + len(names)
        table_parts = []
        for number, table in enumerate(tables):
            tell(100 * number // steps, table.name)
            table_parts.append(_write_table(archive, table, schema=site.schema_name))
    file_parts = []
    for number, name in enumerate(names, start=len(tables)):
        tell(100 * number // steps, name)
        with tenant_context(site):
            part = _write_file(archive, name)
        if part is not None:
            file_parts.append(part)
    manifest = Manifest(
        format=FORMAT,
        site=str(site.uid),
        name=site.name,
        host=site.host,
        made_at=now.isoformat(),
        migrations=fingerprint(),
        versions={name: version(name) for name in ("Django", "wagtail", "psycopg")},
        tables=table_parts,
        files=file_parts,
    )
    text = manifest.to_json().encode()
    archive.writestr(MANIFEST, text, compress_type=zipfile.ZIP_DEFLATED)
    archive.writestr(SIGNATURE, sign(text))
    return manifest


@contextmanager
def _one_moment() -> Iterator[None]:
    """All that is read inside stands as it did at the beginning. In a transaction of the caller's, that one decides."""
    is_ours = not connection.in_atomic_block
    with transaction.atomic():
        if is_ours:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def _files(storage: SiteMedia, folder: str = "") -> Iterator[str]:
    """The names of all files, folder by folder."""
    try:
        folders, files = storage.listdir(folder)
    except FileNotFoundError:  # a site without media has no folder
        return
    place = f"{folder}/" if folder else ""
    yield from (f"{place}{name}" for name in files)
    for name in folders:
        yield from _files(storage, f"{place}{name}")


def _write_table(archive: zipfile.ZipFile, table: copy.Table, *, schema: str) -> TablePart:
    rows = 0

    def counted() -> Iterator[bytes]:
        nonlocal rows
        for chunk in copy.copy_out(table, schema=schema):
            rows += chunk.count(b"\n")  # the format writes those inside of values in another way
            yield chunk

    size, digest = _write_member(archive, f"tables/{table.name}.copy", counted(), zipfile.ZIP_DEFLATED)
    return TablePart(name=table.name, columns=table.columns, rows=rows, size=size, sha256=digest)


def _write_file(archive: zipfile.ZipFile, name: str) -> FilePart | None:
    try:
        file = SiteMedia().open(name)
    except FileNotFoundError:
        return None
    with file:
        # what is in media is packed already: pictures, films, PDF
        size, digest = _write_member(
            archive, f"media/{name}", iter(lambda: file.read(CHUNK), b""), zipfile.ZIP_STORED
        )
    return FilePart(name=name, size=size, sha256=digest)


def _write_member(
    archive: zipfile.ZipFile, name: str, chunks: Iterable[bytes], packing: int
) -> tuple[int, str]:
    """Write a member as it comes. Returns its size and checksum."""
    info = zipfile.ZipInfo(name)
    info.compress_type = packing
    info._compresslevel = PACKED  # type: ignore[attr-defined]  # noqa: SLF001 -- ZipFile.open has no argument for it
    size, digest = 0, hashlib.sha256()
    with archive.open(info, "w", force_zip64=True) as member:
        for chunk in chunks:
            member.write(chunk)
            digest.update(chunk)
            size += len(chunk)
    return size, digest.hexdigest()
