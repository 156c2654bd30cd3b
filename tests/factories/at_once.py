"""Many threads let go at the same moment, each with a connection of its own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
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
