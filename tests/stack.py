"""The whole product as real processes on free ports, for tests that use it as people do."""

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from config.embedded.process import free_port
from sandbox.testing import SandboxProcess

ROOT = Path(__file__).resolve().parents[1]
SECRET = "whsec_story"
API_KEY = "sk_test_story"
PASSWORD = "look-around-2026"


class Stack:
    """Web and worker on the servers of the test run, with a `database` of their own; with the demo's people and sites,
    or with the network's tables only."""

    def __init__(self, folder: Path, *, database: str, with_demo: bool) -> None:
        self.folder = folder
        self.database = database
        self.with_demo = with_demo
        self.port = free_port()
        self.origin = f"http://localhost:{self.port}"
        self.env: dict[str, str] = {}
        self._exit = ExitStack()

    def __enter__(self) -> Self:
        try:
            self._start_all()
        except BaseException:
            self._exit.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._exit.close()

    def run(self, *arguments: str) -> str:
        """Run a Python command of the project to its end and answer what it printed."""
        done = subprocess.run(
            [sys.executable, *arguments], cwd=ROOT, env=self.env, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(arguments)} failed:\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def start_worker(self) -> None:
        """A worker as in production, with one process that works."""
        self.worker = self._start(
            *("-W", "ignore", "-m", "celery", "--quiet", "--app", "config.celery", "worker"),
            *("--concurrency", "1"),
        )

    def member(self, name: str, *, plan: str = "free", days: int = 40, language: str = "en") -> None:
        """Make a customer, who came `days` ago, with a site of their own and three posts, all that Free allows."""
        self.run("-m", "tests.browser.member", name, plan, str(days), language)

    def card_becomes(self, name: str, card: str) -> None:
        """The saved card of a customer behaves like another test card from now on."""
        with psycopg.connect(self.database_url) as connection:
            query = (
                "SELECT card.gateway_ref FROM memberships_paymentmethod card"
                " JOIN memberships_customer customer ON customer.id = customer_id"
                " JOIN accounts_user person ON person.id = customer.user_id WHERE person.email = %s"
            )
            row = connection.execute(query, [f"{name}@demo.example"]).fetchone()
        assert row is not None, f"{name} has no card"
        self.gateway.change_card(row[0], card=card)

    def renewal_fails(self, name: str) -> None:
        """The card of a customer whose period is over is declined from now on, and the period's end is seen to."""
        self.run("-m", "tests.browser.overdue", name)

    def things(self) -> dict[str, str]:
        """What addresses are made of (see `tests.browser.pages`)."""
        program = "import django; django.setup(); from tests.browser import things; things.show()"
        found: dict[str, str] = json.loads(self.run("-c", program))
        return found

    def site(self, name: str) -> str:
        return f"http://{name}.sites.localhost:{self.port}"

    @contextmanager
    def another_web(self, **env: str) -> Iterator[str]:
        """The same network, answered by a second web process with other settings. Gives its address."""
        port = free_port()
        origin = f"http://localhost:{port}"
        here = self.env
        self.env = {**here, "WEB_BIND": f"127.0.0.1:{port}", "NETWORK_ORIGIN": origin, **env}
        try:
            web = self._start("-m", "gunicorn", "--config", "python:config.gunicorn")
        finally:
            self.env = here
        self._wait_until_ready(origin)
        yield origin
        _end(web)

    def _start_all(self) -> None:
        self._database()
        self.gateway = self._exit.enter_context(
            SandboxProcess(
                webhook_url=f"{self.origin}/webhooks/stripe/", webhook_secret=SECRET, api_key=API_KEY
            )
        )
        self.env = {
            **os.environ,
            "DATABASE_URL": self.database_url,
            "REDIS_URL": _redis(8),  # tests without a stack queue work that is not for this worker
            "CACHE_URL": _redis(9),
            "DJANGO_SETTINGS_MODULE": "config.settings.demo",
            "SITEWRIGHT_ENV": "demo",
            "SECRET_KEY": "story",
            "NETWORK_ORIGIN": self.origin,
            "SITES_DOMAIN": "sites.localhost",
            "SITES_ORIGIN_PORT": str(self.port),
            "SPARE_SITES": "1",
            "WEB_BIND": f"127.0.0.1:{self.port}",
            "STRIPE_API_BASE": self.gateway.base_url,
            "STRIPE_API_KEY": API_KEY,
            "STRIPE_WEBHOOK_SECRET": SECRET,
            "MEDIA_ROOT": str(self.folder / "media"),
            "DNS_SERVERS": "127.0.0.1",  # nobody out there is asked
        }
        self.run("manage.py", "collectstatic", "--no-input", "--verbosity", "0")
        if self.with_demo:
            self.run("-m", "config.demo.prepare", str(self.folder / "logins"))
        else:
            self.run("manage.py", "migrate", "--no-input", "--verbosity", "0")
        self._start("-m", "gunicorn", "--config", "python:config.gunicorn")
        self.start_worker()
        self._wait_until_ready(self.origin)

    def _database(self) -> None:
        parts = urlsplit(os.environ["DATABASE_URL"])
        self.database_url = urlunsplit(parts._replace(path=f"/{self.database}"))
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
            name = sql.Identifier(self.database)
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
            connection.execute(sql.SQL("CREATE DATABASE {}").format(name))

    def _start(self, *arguments: str) -> "subprocess.Popen[bytes]":
        log = self._exit.enter_context((self.folder / f"{arguments[-1].split(':')[-1]}.log").open("ab"))
        process = subprocess.Popen(
            [sys.executable, *arguments], cwd=ROOT, env=self.env, stdout=log, stderr=log
        )
        self._exit.callback(_end, process)
        return process

    def _wait_until_ready(self, origin: str) -> None:
        give_up = time.monotonic() + 90
        while True:
            try:
                with urllib.request.urlopen(f"{origin}/readyz", timeout=2):
                    return
            except OSError:
                if time.monotonic() > give_up:
                    raise
                time.sleep(0.2)


def _redis(number: int) -> str:
    """The address of another database of the test run's Redis."""
    return urlunsplit(urlsplit(os.environ["REDIS_URL"])._replace(path=f"/{number}"))


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
