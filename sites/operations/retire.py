"""The end of schemas and their files."""

import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from django.db import connection, transaction
from psycopg import sql

from sites.content.storage import folder_of
from sites.models import RetiredSchema, Site

OLD_CONTENT_KEPT: Final = timedelta(days=7)  # what a site showed until it got other content


def erase_due(*, now: datetime) -> int:
    """Erase what has been kept long enough. Answers how many schemas went. Killed anywhere, it goes on next time."""
    due = list(RetiredSchema.objects.due(at=now))
    for retired in due:
        if retired.reason == RetiredSchema.Reason.UNFINISHED:
            discard(retired)
        else:
            _erase(retired, now=now)
    return len(due)


def discard(unfinished: RetiredSchema) -> None:
    """Remove what was being made and is of no use, with its row."""
    _remove(unfinished.schema_name)
    unfinished.delete()


def _erase(retired: RetiredSchema, *, now: datetime) -> None:
    files, size = _measure(folder_of(retired.schema_name))
    _remove(retired.schema_name)
    RetiredSchema.objects.filter(pk=retired.pk).update(erased_at=now, files=files, bytes=size)


def _remove(schema: str) -> None:
    """Drop the schema and delete its files. Never those of a site."""
    with transaction.atomic():
        if Site.objects.filter(schema_name=schema).exists():
            raise RuntimeError(f"{schema} is shown by a site; it is not erased.")
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(schema)))
    folder = folder_of(schema)
    if folder.exists():
        shutil.rmtree(folder)


def _measure(folder: Path) -> tuple[int, int]:
    """How many files `folder` holds, and their bytes."""
    sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
    return len(sizes), sum(sizes)
