"""A file comes in: its rows are kept, and nothing else happens until they are checked."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts.models import User
from checkout.imports.models import ImportJob, ImportRow
from checkout.imports.operations.reading import Line

AT_ONCE = 1_000


@transaction.atomic
def begin_import(
    *, kind: str, file_name: str, lines: Sequence[Line], asked_by: User | None, now: datetime
) -> ImportJob:
    """Keep the rows of a file that was read. The caller queues the work."""
    job = ImportJob.objects.create(kind=kind, file_name=file_name[-200:], asked_by=asked_by, asked_at=now)
    ImportRow.objects.bulk_create(
        (ImportRow(job=job, line=line, values=values) for line, values in lines), batch_size=AT_ONCE
    )
    return job
