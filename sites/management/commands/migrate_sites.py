"""Bring the schemas of all sites to the migrations of this code. The network's own come first: migrate."""

import os
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from sites.operations.migrate import Outcome, Result
from sites.operations.rings import Report, RingResult, Run, migrate_all
from sites.operations.template import TemplateError
from sites.policies.rings import Ring

MOST_WORKERS: Final = 4  # by default: they share one PostgreSQL
OTHERS_ARE_WELL: Final = 2  # exit status


class Command(BaseCommand):
    help = (
        "Bring the template and the schemas of all sites to the migrations of this code, in rings: canaries,"
        " one per cent, all. Ends with 2 when every site that is left behind is in maintenance, so that the others can"
        " be served; with 1 when one is behind for another reason. Run it again to go on."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        workers = min(os.cpu_count() or 1, MOST_WORKERS)
        parser.add_argument(
            "--workers", type=at_least_one, default=workers, help="processes, here %(default)s"
        )
        parser.add_argument(
            "--tolerate",
            type=int,
            metavar="SITES",
            help="how many sites of a ring may fail before nothing more begins;"
            " by default no canary, of other rings one per cent and at least one",
        )
        parser.add_argument(
            "--until",
            type=Ring,
            choices=list(Ring),
            default=Ring.ALL,
            help="the last ring to take: %(choices)s",
        )

    def handle(self, *_args: Any, workers: int, tolerate: int | None, until: Ring, **_options: Any) -> None:
        run = Run(clock=timezone.now, tell=self._tell, workers=workers, tolerate=tolerate, until=until)
        try:
            report = migrate_all(run)
        except TemplateError as error:
            raise CommandError(f"No site was touched. {error}") from error
        if any(ring.size for ring in report.rings):
            self._show(report)
        if report.behind:
            status = OTHERS_ARE_WELL if report.only_failed_are_behind else 1
            raise CommandError(conclusion(report, until=until), returncode=status)

    def _tell(self, outcome: Outcome) -> None:
        tries = f", {outcome.attempts} attempts" if outcome.attempts > 1 else ""
        if outcome.result == Result.DONE:
            self.stdout.write(f"{outcome.slug}: migrated in {outcome.seconds:.2f} s{tries}")
        else:
            self.stderr.write(f"{outcome.slug}: {outcome.result}{tries}: {outcome.error}")

    def _show(self, report: Report) -> None:
        self.stdout.write(
            f"\n{'ring':<10}{'sites':>7}{'done':>7}{'failed':>8}{'busy':>6}{'left':>6}{'seconds':>9}"
        )
        for each in report.rings:
            self.stdout.write(line(each))
        self.stdout.write(f"{report.current} sites had nothing to do, {report.behind} are still behind.")


def line(each: RingResult) -> str:
    counts = f"{each.size:>7}{each.done:>7}{len(each.failed):>8}{len(each.busy):>6}{each.left:>6}"
    return f"{each.ring:<10}{counts}{each.seconds:>9.2f}{'  stopped' if each.is_stopped else ''}"


def conclusion(report: Report, *, until: Ring) -> str:
    """Why sites are behind, and what to do about it."""
    failed = [outcome.slug for ring in report.rings for outcome in ring.failed]
    busy = [outcome.slug for ring in report.rings for outcome in ring.busy]
    parts = [f"{report.behind} of {report.current + sum_done(report) + report.behind} sites are behind."]
    if failed:
        parts.append(f"Failed and in maintenance: {', '.join(failed)}.")
    if busy:
        parts.append(f"Busy: {', '.join(busy)}.")
    if report.is_stopped:
        parts.append("Too many failed: the run was stopped.")
    elif until != Ring.ALL:
        parts.append(f"The run ended after the ring {until}, as asked.")
    return " ".join([*parts, "Run migrate_sites again to go on."])


def sum_done(report: Report) -> int:
    return sum(ring.done for ring in report.rings if ring.ring != Ring.TEMPLATE)


def at_least_one(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number
