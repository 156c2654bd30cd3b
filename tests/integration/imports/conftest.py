"""A day on which files are brought in."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine

from checkout.imports.models import ImportJob
from checkout.imports.operations import begin_import, read_csv, run_import, work_on

MARCH_12 = datetime(2026, 3, 12, 9, tzinfo=UTC)
BringIn = Callable[..., ImportJob]


@pytest.fixture
def in_march() -> Iterator[None]:
    with time_machine.travel(MARCH_12, tick=False):
        yield


def clock() -> datetime:
    return MARCH_12


def checked(kind: str, text: str, **fields: Any) -> ImportJob:
    """The file's rows, tried and undone."""
    lines = read_csv(text.encode(), kind=kind)
    job = begin_import(kind=kind, file_name=f"{kind}.csv", lines=lines, asked_by=None, now=MARCH_12, **fields)
    work_on(job_id=job.pk, clock=clock)
    job.refresh_from_db()
    assert job.state == ImportJob.State.CHECKED
    return job


def brought_in(kind: str, text: str) -> ImportJob:
    job = checked(kind, text)
    assert run_import(job=job, now=MARCH_12)
    work_on(job_id=job.pk, clock=clock)
    job.refresh_from_db()
    assert job.state == ImportJob.State.DONE
    return job


def states(job: ImportJob) -> list[tuple[int, str]]:
    return list(job.rows.order_by("line").values_list("line", "state"))


def wrong(job: ImportJob) -> dict[int, dict[str, list[str]]]:
    return {row.line: row.errors for row in job.rows.order_by("line") if row.errors}
