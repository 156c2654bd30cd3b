"""The product's processes, for one run: PostgreSQL, Valkey, gateway double, web, and a worker when asked."""

from __future__ import annotations

import os
import re
import signal
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from config.embedded import EmbeddedError, Services, throwaway_folder
from config.embedded.places import ROOT
from config.embedded.process import Process, end, free_port, spawn
from sandbox.testing import SandboxProcess

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper

PATIENCE: Final = 60.0  # seconds for a process to answer
SESSION_STATEMENT: Final = re.compile(
    r"(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|SET|SHOW|RESET)\b", re.IGNORECASE
)


@dataclass(slots=True)
class Statements:
    """What the web process sent to PostgreSQL, as PostgreSQL logged it."""

    all: list[str] = field(default_factory=list)

    @property
    def queries(self) -> list[str]:
        return [sql for sql in self.all if not SESSION_STATEMENT.match(sql)]

    @property
    def commits(self) -> int:
        """Transactions that ended well, those of one statement outside BEGIN included."""
        number, inside = 0, False
        for sql in self.all:
            word = sql.split(maxsplit=1)[0].upper().rstrip(";")
            inside = word == "BEGIN" or (inside and word not in {"COMMIT", "ROLLBACK"})
            number += word != "ROLLBACK" and not inside
        return number


class Servers:
    """Django is set up in this process too, on the same database, so that figures can make rows."""

    def __init__(self, *, folder: Path, gateway: SandboxProcess, web_port: int) -> None:
        self.gateway = gateway
        self.web_port = web_port
        self._logs = folder / "logs"
        self._running = ExitStack()

    @classmethod
    @contextmanager
    def running(cls) -> Iterator[Self]:
        """Start everything but the worker; nothing is left at the end. Raises EmbeddedError."""
        for name in ("DATABASE_URL", "REDIS_URL"):  # always servers of our own: we write what we like
            os.environ.pop(name, None)
        with throwaway_folder() as folder, ExitStack() as stack:
            gateway = stack.enter_context(
                SandboxProcess(api_key="sk_test_bench", webhook_secret="whsec_bench")
            )
            services = Services(folder=folder, logs=folder / "logs", durable=True)
            port = free_port()
            os.environ.update(stack.enter_context(services.running()))
            os.environ.update(_environment(folder, gateway, port))
            _set_up_django()
            servers = cls(folder=folder, gateway=gateway, web_port=port)
            with servers._running:
                servers._start("web", "-m", "gunicorn", "--config", "python:config.gunicorn")
                servers._await_web(port, "web")
                yield servers

    @contextmanager
    def worker(self) -> Iterator[None]:
        """Celery as the demo runs it, with an empty queue, while the block runs."""
        import redis

        with redis.Redis.from_url(os.environ["REDIS_URL"]) as broker:
            broker.flushdb()
        quiet = "ignore:You're running the worker"
        command = ("-m", "celery", "--quiet", "--app", "config.celery", "worker", "--concurrency", "2")
        with ExitStack() as stack:
            self._start("worker", "-W", quiet, *command, stack=stack)
            yield

    @contextmanager
    def another_web(self, settings: str, **environment: str) -> Iterator[int]:
        """A web process more, with other settings, while the block runs. Gives its port. Raises EmbeddedError."""
        port = free_port()
        env = {"DJANGO_SETTINGS_MODULE": settings, "WEB_BIND": f"127.0.0.1:{port}", **environment}
        with ExitStack() as stack:
            self._start(
                f"web-{port}", "-m", "gunicorn", "--config", "python:config.gunicorn", stack=stack, env=env
            )
            self._await_web(port, f"web-{port}")
            yield port

    @contextmanager
    def statements(self) -> Iterator[Statements]:
        """Collect what the web process asks of PostgreSQL while the block runs, by PostgreSQL's own log."""
        from django.db import connection

        seen = Statements()
        log = self._logs / "postgres.log"
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            own = cursor.fetchone()[0]
            self._set_log(cursor, "all")
            beginning = log.stat().st_size
            try:
                yield seen
            finally:
                self._set_log(cursor, "none")
        written = log.read_bytes()[beginning:].decode(errors="replace")
        entry = re.compile(r"\[(\d+)\] LOG:  (?:statement|execute [^:]+): (.*)")
        seen.all += [sql for pid, sql in entry.findall(written) if int(pid) != own]

    def postgres_version(self) -> str:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version")
            return str(cursor.fetchone()[0])

    def _set_log(self, cursor: CursorWrapper, what: str) -> None:
        cursor.execute(f"ALTER SYSTEM SET log_statement = '{what}'")
        cursor.execute("SELECT pg_reload_conf()")
        time.sleep(0.5)  # until every backend has noticed

    def _start(
        self, name: str, *arguments: str, stack: ExitStack | None = None, env: Mapping[str, str] | None = None
    ) -> Process:
        with (self._logs / f"{name}.log").open("wb") as log:
            process = spawn(
                [sys.executable, *arguments],
                env={**os.environ, **(env or {})},
                output=log,
                farewell=signal.SIGTERM,
                cwd=ROOT,
            )
        (stack or self._running).callback(end, process, farewell=signal.SIGTERM, patience=15)
        return process

    def _await_web(self, port: int, name: str) -> None:
        give_up = time.monotonic() + PATIENCE
        while time.monotonic() < give_up:
            try:
                with urllib.request.urlopen(f"http://localhost:{port}/readyz", timeout=2):
                    return
            except OSError:
                time.sleep(0.1)
        said = (self._logs / f"{name}.log").read_text(errors="replace")[-2000:]
        raise EmbeddedError(f"The web process did not answer within {PATIENCE:.0f} seconds: {said}")


def _environment(folder: Path, gateway: SandboxProcess, port: int) -> dict[str, str]:
    media = folder / "media"
    media.mkdir()
    return {
        "DJANGO_SETTINGS_MODULE": "bench.settings",
        "SITEWRIGHT_ENV": "demo",
        "SECRET_KEY": "only-for-one-benchmark",
        "NETWORK_ORIGIN": f"http://localhost:{port}",
        "SITES_ORIGIN_PORT": str(port),
        "WEB_BIND": f"127.0.0.1:{port}",
        "MEDIA_ROOT": str(media),
        "STRIPE_API_BASE": gateway.base_url,
        "STRIPE_API_KEY": gateway.api_key,
        "STRIPE_WEBHOOK_SECRET": gateway.webhook_secret,
    }


def _set_up_django() -> None:
    import django
    from django.core.management import call_command

    django.setup()
    import config.celery  # noqa: F401 -- tasks find their broker

    call_command("migrate", interactive=False, verbosity=0)
