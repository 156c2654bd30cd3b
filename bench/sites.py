"""``./run bench sites``: everything about many sites, each part in a module of its own."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Final

from bench.measure import Figure
from bench.servers import Servers

PARTS: Final = ("sites_making", "sites_requests", "sites_care")


def measure(servers: Servers) -> Iterator[Figure]:
    """The figures of every part, one after the other; each part's `measure` gives its own in turn."""
    for part in PARTS:
        yield from import_module(f"bench.{part}").measure(servers)
