"""An import: a file of memberships, each with its site, checked and brought in by one worker."""

from __future__ import annotations

import os
from pathlib import Path
from time import perf_counter
from typing import Final

from django.utils import timezone

from bench.measure import Figure, Goal, Line, Row
from bench.servers import Servers
from checkout.imports.models import ImportJob
from checkout.imports.operations import begin_import, read_csv, run_import, work_on
from products.limits import Kind
from tests.factories.catalogue import MONTH, product

ROWS: Final = int(os.environ.get("BENCH_ROWS", "1000"))
MOST_MEGABYTES_MORE: Final = 60
HEAD: Final = "reference,email,plan,next_renewal,wallet,site_name,site_address\n"


def measure(_servers: Servers) -> Figure:
    product("imported", prices={MONTH: 3000}, limits={Kind.SITES: 1})
    rows = [f"r{n},i{n}@example.com,imported,2030-01-01,1.00,Garden {n},imported-{n}\n" for n in range(ROWS)]
    file = "".join([HEAD, *rows]).encode()
    before = _megabytes()
    started = perf_counter()
    lines = read_csv(file, kind="memberships")
    job = begin_import(kind="memberships", file_name="f", lines=lines, asked_by=None, now=timezone.now())
    kept = perf_counter() - started
    del lines
    checked = _seconds(job)
    assert run_import(job=job, now=timezone.now())
    brought_in = _seconds(job)
    assert job.rows.filter(state="done").count() == ROWS, "a row was refused"
    return Figure(
        title=f"An import of {ROWS:,} memberships, each with the row of a site",
        settings=["one worker; making the sites' schemas is other tasks, and not in it"],
        rows=[
            Row(ours=Line(what="reading the file and keeping its rows", unit="s", blocks=[[kept]])),
            Row(ours=Line(what="checked", unit="/s", blocks=[[ROWS / checked]])),
            Row(ours=Line(what="brought in", unit="/s", blocks=[[ROWS / brought_in]])),
            Row(
                ours=Line(what="memory more at the end", unit="MB", blocks=[[_megabytes() - before]]),
                goal=Goal(most=MOST_MEGABYTES_MORE),
            ),
        ],
    )


def _seconds(job: ImportJob) -> float:
    started = perf_counter()
    work_on(job_id=job.pk, clock=timezone.now)
    return perf_counter() - started


def _megabytes() -> float:
    """What this process holds in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
