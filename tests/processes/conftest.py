"""The product as real processes, and somebody inside it to play the customers."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis
from psycopg import sql

from tests.stack import ROOT, Stack

ACTOR = "import django; django.setup(); from tests.processes.actor import main; main()"


class Play:
    """A stack, with an actor who speaks its operations and a way to stop the worker at any table it writes to."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self._actor = subprocess.Popen(
            [sys.executable, "-c", ACTOR],
            cwd=ROOT, env=stack.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def do(self, what: str, **arguments: Any) -> Any:
        """Let the actor do something; its answer."""
        assert self._actor.stdin is not None
        assert self._actor.stdout is not None
        self._actor.stdin.write(json.dumps({"do": what, **arguments}) + "\n")
        self._actor.stdin.flush()
        line = self._actor.stdout.readline()
        assert line, f"the actor broke down at {what}"
        return json.loads(line)

    def end(self) -> None:
        self._actor.communicate(timeout=20)

    @contextmanager
    def nobody_writes_to(self, table: str) -> Iterator[Callable[[], None]]:
        """Whoever writes to `table` waits. Yields a function that returns once the worker waits there."""
        with psycopg.connect(self.stack.database_url) as connection:
            lock = sql.SQL("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE")
            connection.execute(lock.format(sql.Identifier(table)))
            yield lambda: self.wait_for(
                lambda: _somebody_waits(self.stack.database_url), f"a write to {table}"
            )

    @contextmanager
    def nobody_writes(self, table: str, *, when: str) -> Iterator[Callable[[], None]]:
        """`nobody_writes_to`, for updates that make `when` true, in SQL about NEW and OLD."""
        with psycopg.connect(self.stack.database_url, autocommit=True) as connection:
            connection.execute("SELECT pg_advisory_lock(1)")
            connection.execute(
                "CREATE OR REPLACE FUNCTION wait_here() RETURNS trigger LANGUAGE plpgsql AS"
                " $$ BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NEW; END $$"
            )
            trigger = "CREATE TRIGGER wait_here BEFORE UPDATE ON {} FOR EACH ROW WHEN ({}) EXECUTE FUNCTION wait_here()"
            connection.execute(sql.SQL(trigger).format(sql.Identifier(table), sql.SQL(when)))
            try:
                yield lambda: self.wait_for(
                    lambda: _somebody_waits(self.stack.database_url), f"an update of {table}: {when}"
                )
            finally:
                connection.execute("SELECT pg_advisory_unlock(1)")
                connection.execute(sql.SQL("DROP TRIGGER wait_here ON {}").format(sql.Identifier(table)))

    def kill_the_worker(self) -> None:
        """Kill the whole worker; `start_worker` brings another."""
        for child in self._working():
            os.kill(child, signal.SIGKILL)
        self.stack.worker.kill()
        self.stack.worker.wait()

    def kill_who_works(self) -> None:
        """Kill the process that works, as a machine short of memory does; the worker starts another."""
        for child in self._working():
            os.kill(child, signal.SIGKILL)

    def _working(self) -> list[int]:
        pid = self.stack.worker.pid
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def break_the_connections(self) -> None:
        """Do to every process of the stack what a restart of the database does."""
        with psycopg.connect(self.stack.database_url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )

    def empty_the_broker(self) -> None:
        with redis.Redis.from_url(self.stack.env["REDIS_URL"]) as broker:
            broker.flushall()

    def wait_for(self, true: Callable[[], bool], what: str, *, seconds: float = 30) -> None:
        give_up = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < give_up, f"{what} did not come within {seconds:.0f} seconds"
            time.sleep(0.05)

    def wait_until(self, name: str, **wanted: Any) -> None:
        """Wait until the customer stands as wanted, as far as it is named."""

        def as_wanted() -> bool:
            stands = self.do("stands", name=name)
            return {key: stands[key] for key in wanted} == wanted

        self.wait_for(as_wanted, f"{name} with {wanted}")


def _somebody_waits(database_url: str) -> bool:
    with psycopg.connect(database_url, autocommit=True) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        ).fetchone()
    return bool(row and row[0])


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(tmp_path_factory.mktemp("processes"), database="processes", with_demo=False) as running:
        yield running


@pytest.fixture(scope="session")
def play(stack: Stack) -> Iterator[Play]:
    play = Play(stack)
    yield play
    play.end()
