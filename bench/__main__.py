"""``./run bench [names]``: measure what is named, or everything, and then keep it in `bench/results/`."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from datetime import date
from importlib import import_module
from typing import Final

from bench import memory, quote, report
from bench.measure import Figure
from bench.servers import Servers
from config.embedded import EmbeddedError

ALONE: Final = {"quote": quote.measure, "memory": memory.measure}
ON_SERVERS: Final = (
    "change",
    "webhook",
    "enforced",
    "provision",
)  # modules that know Django, imported once it is set up


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(
        prog="./run bench", description="Measure how fast it is, beside what else one could use."
    )
    parser.add_argument(
        "names",
        nargs="*",
        metavar="name",
        help=f"of {', '.join([*ALONE, *ON_SERVERS])}; all when none is given",
    )
    names: list[str] = parser.parse_args(arguments).names
    unknown = set(names) - {*ALONE, *ON_SERVERS}
    if unknown:
        parser.error(
            f"there is no {', '.join(sorted(unknown))}; choose from {', '.join([*ALONE, *ON_SERVERS])}"
        )
    started = time.monotonic()
    facts = report.machine()
    print(", ".join(f"{name} {value}" for name, value in facts.items()), flush=True)
    figures = [_shown(ALONE[name]()) for name in ALONE if not names or name in names]
    wanted = [name for name in ON_SERVERS if not names or name in names]
    if wanted:
        try:
            with Servers.running() as servers:
                facts["PostgreSQL"] = servers.postgres_version()
                figures += [_shown(import_module(f"bench.{name}").measure(servers)) for name in wanted]
        except EmbeddedError as problem:
            sys.exit(str(problem))
    print(f"\nMeasured in {time.monotonic() - started:.0f} seconds.")
    for goal in report.missed(figures):
        print(f"MISSED  {goal}")
    if not names:
        print(f"Kept in {report.save(figures, facts, day=date.today())}")  # noqa: DTZ011  the day where it was measured


def _shown(figure: Figure) -> Figure:
    print(f"\n{report.table(figure)}", flush=True)
    return figure


if __name__ == "__main__":
    main(sys.argv[1:])
