"""Bring in a file of products or memberships."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from checkout.imports.models import ImportJob, ImportRow
from checkout.imports.operations import Unreadable, begin_import, read_csv, run_import, work_on


class Command(BaseCommand):
    help = (
        "Check every row of a CSV file and say what is wrong with it, by line and column; then bring the rows in,"
        " each once however often the file comes. docs/import.md explains the columns."
        " Ends with 1 when a row was refused."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=ImportJob.Kind.values, help="what the file holds")
        parser.add_argument("file", type=Path, help="comma-separated values, UTF-8")
        parser.add_argument("--dry-run", action="store_true", help="check, and bring nothing in")
        parser.add_argument(
            "--skip-refused",
            action="store_true",
            help="bring in the rows that are right, though others are not",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        file: Path = options["file"]
        try:
            lines = read_csv(file.read_bytes(), kind=options["kind"])
        except (OSError, Unreadable) as error:
            raise CommandError(str(error)) from error
        job = begin_import(
            kind=options["kind"], file_name=file.name, lines=lines, asked_by=None, now=timezone.now()
        )
        work_on(job_id=job.pk, clock=timezone.now)
        refused = self._tell_refusals(job)
        if not options["dry_run"] and (not refused or options["skip_refused"]):
            run_import(job=job, now=timezone.now())
            work_on(job_id=job.pk, clock=timezone.now)
            refused = job.rows.filter(state=ImportRow.State.REFUSED).count()
        counted = ImportJob.objects.with_counts().get(pk=job.pk)
        for state in ImportRow.State:
            if count := getattr(counted, f"count_{state.value}"):
                self.stdout.write(f"{state.label}: {count}")
        if refused:
            raise CommandError(f"{refused} rows were refused.", returncode=1)

    def _tell_refusals(self, job: ImportJob) -> int:
        rows = job.rows.filter(state=ImportRow.State.REFUSED)
        for row in rows.iterator():
            for column, messages in row.errors.items():
                self.stderr.write(f"line {row.line}, {column}: {' '.join(messages)}")
        return rows.count()
