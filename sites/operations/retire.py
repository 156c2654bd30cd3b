"""The end of schemas and their files."""

import shutil
from datetime import datetime
from pathlib import Path

from django.db import connection, transaction
from django_tenants.postgresql_backend.base import FakeTenant
from django_tenants.utils import tenant_context
from psycopg import sql

from sites.content.storage import media_folder
from sites.models import RetiredSchema, Site


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
    files, size = _measure(_folder(retired.schema_name))
    _remove(retired.schema_name)
    RetiredSchema.objects.filter(pk=retired.pk).update(erased_at=now, files=files, bytes=size)


def _remove(schema: str) -> None:
    """Drop the schema and delete its files. Never those of a site."""
    with transaction.atomic():
        if Site.objects.filter(schema_name=schema).exists():
            raise RuntimeError(f"{schema} is shown by a site; it is not erased.")
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(schema)))
    folder = _folder(schema)
    if folder.exists():
        shutil.rmtree(folder)


def _folder(schema: str) -> Path:
    with tenant_context(FakeTenant(schema)):
        return media_folder()


def _measure(folder: Path) -> tuple[int, int]:
    """How many files `folder` holds, and their bytes."""
    sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
    return len(sizes), sum(sizes)
