"""``./run bench [names]``: measure what is named, or everything, and then keep it in `bench/results/`."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import date
from importlib import import_module
from typing import Final

from bench import memory, quote, report
from bench.measure import Figure
from bench.servers import Servers
from config.embedded import EmbeddedError
from config.embedded.places import ROOT

ALONE: Final = {"quote": quote.measure, "memory": memory.measure}
ON_SERVERS: Final = (
    "change",
    "webhook",
    "enforced",
    "renewals",
    "desk",
    "imports",
    "sites_making",
    "sites_requests",
    "sites_care",
)  # they know Django: imported when it is set up
GROUPS: Final = {"sites": ("sites_making", "sites_requests", "sites_care")}
NAMES: Final = (*ALONE, *ON_SERVERS, *GROUPS)


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="./run bench", description="Measure how fast it is.")
    parser.add_argument(
        "names", nargs="*", metavar="name", help=f"{', '.join(NAMES)}; all when none is given"
    )
    names = parser.parse_args(arguments).names
    for name in names:
        if name not in NAMES:
            parser.error(f"there is no {name}; choose from {', '.join(NAMES)}")
    measured = [part for name in names or NAMES for part in GROUPS.get(name, (name,))]
    started, facts = time.monotonic(), report.machine()
    print(", ".join(f"{name} {value}" for name, value in facts.items()), flush=True)
    try:
        figures = list(_figures(measured, facts))
    except EmbeddedError as problem:
        sys.exit(str(problem))
    print(f"\nMeasured in {time.monotonic() - started:.0f} seconds.")
    for words in report.missed(figures):
        print(f"MISSED  {words}")
    if not names:
        day = date.today()  # noqa: DTZ011 -- the day where it was measured
        print(f"Kept in {report.save(figures, facts, day=day).relative_to(ROOT)}")


def _figures(names: Sequence[str], facts: dict[str, str]) -> Iterator[Figure]:
    """Measure and show one after the other; `facts` learns what only running servers know."""
    yield from (_shown(measure()) for name, measure in ALONE.items() if name in names)
    on_servers = [name for name in ON_SERVERS if name in names]
    if not on_servers:
        return
    with Servers.running() as servers:
        facts["PostgreSQL"] = servers.postgres_version()
        for name in on_servers:
            measured = import_module(f"bench.{name}").measure(servers)
            yield from map(_shown, [measured] if isinstance(measured, Figure) else measured)


def _shown(figure: Figure) -> Figure:
    print(f"\n{report.table(figure)}", flush=True)
    return figure


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(130)
