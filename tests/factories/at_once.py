"""Many threads let go at the same moment, each with a connection of its own."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from typing import Any

from django.db import connection


def at_once(number: int, work: Callable[[int], Any]) -> list[Any]:
    """Run `work(0…)` in as many threads, all let go at the same moment; answer results and exceptions."""
    start = Barrier(number)

    def run(index: int) -> Any:
        try:
            start.wait()
            return work(index)
        except Exception as error:  # noqa: BLE001 -- what went wrong is what the test looks at
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(number) as threads:
        return list(threads.map(run, range(number)))


@contextmanager
def locked_elsewhere(family: int, key: int) -> Iterator[None]:
    """Hold the advisory lock in another connection; it is free again when the block is left.

    It is let go by name: closing alone ends the other session a moment later, and the lock with it.
    """
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [family, key])
            try:
                yield
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [family, key])
    finally:
        other.close()
