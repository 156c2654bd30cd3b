"""PostgreSQL and Valkey as children of this process."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psycopg
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from config.embedded import binaries
from config.embedded.process import EmbeddedError, Process, end, free_port, spawn, unprivileged_account

NAME: Final = "sitewright"  # of the database and of its owner
_PATIENCE: Final = 30.0  # seconds for a server to answer, or to end

# one transaction may touch every table of a site (about 320), and tests touch several sites at once
_SETTINGS: Final = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "100",
    "max_locks_per_transaction": "512",
    "shared_buffers": "96MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "jit": "off",
}
_SETTINGS_OF_THROWAWAY: Final = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_wal_size": "4GB",
}


class Services:
    """The servers a run needs; DATABASE_URL and REDIS_URL in the environment win over starting any.

    `folder` holds their data, `logs` what they print. Not `durable` trades safety at a power cut for speed.
    """

    def __init__(self, *, folder: Path, logs: Path, durable: bool) -> None:
        self._folder = folder
        self._logs = logs
        self._durable = durable
        self._account = unprivileged_account()
        self.processes: dict[str, Process] = {}

    @contextmanager
    def running(self) -> Iterator[dict[str, str]]:
        """Start what is missing and give the environment that leads to it; at the end stop what was started.

        Raises EmbeddedError when a server does not come up.
        """
        self._logs.mkdir(parents=True, exist_ok=True)
        try:
            yield self._start()
        finally:
            for process in reversed(self.processes.values()):
                end(process, farewell=signal.SIGINT, patience=_PATIENCE)

    def _start(self) -> dict[str, str]:
        env: dict[str, str] = {}
        if not os.environ.get("DATABASE_URL"):
            env["DATABASE_URL"] = self._start_postgres()
        if not os.environ.get("REDIS_URL"):
            env["REDIS_URL"] = self._start_valkey()
        if not os.environ.get("SITEWRIGHT_PG_BIN") and (
            "postgres" in self.processes or not shutil.which("pg_dump")
        ):
            env["SITEWRIGHT_PG_BIN"] = str(binaries.postgres_bin())
        return env

    def _start_postgres(self) -> str:
        programs = binaries.readable_postgres_bin()
        data, password_file = self._folder / "postgres", self._folder / "postgres-password"
        if not data.is_dir():
            self._initialise(data, password_file, programs)
        _await_end_of_predecessor(data)
        port = free_port()
        settings = _SETTINGS | ({} if self._durable else _SETTINGS_OF_THROWAWAY) | {"port": str(port)}
        options = [f"--{name}={value}" for name, value in settings.items()]
        self._spawn("postgres", [programs / "postgres", "-D", data, *options])
        url = f"postgresql://{NAME}:{password_file.read_text()}@127.0.0.1:{port}"
        self._await("postgres", lambda: _ensure_database(url))
        return f"{url}/{NAME}"

    def _initialise(self, data: Path, password_file: Path, programs: Path) -> None:
        """Make the cluster beside its place, so that an interruption leaves nothing that looks finished."""
        unfinished = data.with_name("postgres-unfinished")
        self._renew_private(unfinished)
        self._write_private(password_file, secrets.token_urlsafe(24))
        arguments: list[str | Path] = [
            *(programs / "initdb", "--pgdata", unfinished, "--username", NAME, "--pwfile", password_file),
            *("--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8"),
            *("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--no-instructions"),
        ]
        self._spawn("initdb", arguments if self._durable else [*arguments, "--no-sync"])
        if self.processes["initdb"].wait() != 0:
            raise self._failure("initdb")
        del self.processes["initdb"]
        unfinished.rename(data)

    def _start_valkey(self) -> str:
        """Nothing is kept on disk: what matters is in PostgreSQL, and queues are rebuilt from there."""
        folder = self._folder / "valkey"
        self._renew_private(folder)
        port, password = free_port(), secrets.token_urlsafe(24)
        settings = folder / "valkey.conf"  # a file, since arguments are for all to see
        self._write_private(
            settings,
            f"bind 127.0.0.1\nport {port}\nrequirepass {password}\n"
            'save ""\nappendonly no\nmaxmemory-policy noeviction\n',
        )
        self._spawn("valkey", [binaries.readable_valkey_server(), settings])
        url = f"redis://:{password}@127.0.0.1:{port}/0"
        self._await("valkey", lambda: _ping(url))
        return url

    def _spawn(self, name: str, arguments: Sequence[str | Path]) -> None:
        with (self._logs / f"{name}.log").open("wb") as log:
            self.processes[name] = spawn(
                arguments,
                env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC"},
                output=log,
                farewell=signal.SIGINT,  # PostgreSQL's fast shutdown; Valkey takes it as SIGTERM
                account=self._account,
            )

    def _await(self, name: str, attempt: Callable[[], object]) -> None:
        """Repeat the attempt until the server answers. Raises EmbeddedError when it ends or stays silent."""
        give_up = time.monotonic() + _PATIENCE
        while True:
            try:
                attempt()
            except (psycopg.OperationalError, redis.ConnectionError):
                if self.processes[name].poll() is not None or time.monotonic() > give_up:
                    raise self._failure(name) from None
                time.sleep(0.02)
            else:
                return

    def _failure(self, name: str) -> EmbeddedError:
        log = self._logs / f"{name}.log"
        lines = log.read_text(errors="replace").splitlines()
        telling = [line for line in lines if "FATAL" in line or "error" in line.lower()] or lines
        return EmbeddedError(
            f"{name} did not start: {' '.join(telling[-1:]) or 'it said nothing'} (see {log})"
        )

    def _renew_private(self, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        self._give_away(folder)

    def _write_private(self, file: Path, content: str) -> None:
        file.unlink(missing_ok=True)
        file.touch(mode=0o600)
        file.write_text(content)
        self._give_away(file)

    def _give_away(self, path: Path) -> None:
        if self._account:
            os.chown(path, self._account.pw_uid, self._account.pw_gid)


def _ping(url: str) -> None:
    with redis.Redis.from_url(url, retry=Retry(NoBackoff(), 0)) as client:
        client.ping()


def _ensure_database(url: str) -> None:
    with psycopg.connect(f"{url}/postgres", autocommit=True, connect_timeout=5) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone():
            connection.execute(f"CREATE DATABASE {NAME}")


def _await_end_of_predecessor(data: Path) -> None:
    """Deal with the postmaster.pid of a run that was killed.

    Its server may still be shutting down: wait. Or a stranger may have got its number since, which PostgreSQL
    would take for a running server. It sees by itself when nobody has that number.
    """
    pid_file = data / "postmaster.pid"
    give_up = time.monotonic() + _PATIENCE
    while pid_file.exists():
        pid = pid_file.read_text().partition("\n")[0]
        command = Path("/proc", pid, "cmdline")
        if not command.exists():
            return
        if bytes(data) not in command.read_bytes().split(b"\0"):
            pid_file.unlink()
        elif time.monotonic() > give_up:
            raise EmbeddedError(f"PostgreSQL of an earlier run does not end: process {pid}.")
        time.sleep(0.05)
