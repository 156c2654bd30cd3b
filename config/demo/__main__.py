"""``./run demo``: the whole product on this machine, until Ctrl-C."""

from __future__ import annotations

import argparse
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from types import FrameType
from typing import NoReturn
from urllib.parse import urlsplit

from config.demo.environment import GATEWAY_DATA, LOGINS, announced, environment, forget_everything
from config.demo.supervisor import Child, ChildFailedError, Supervisor
from config.embedded import DataInUseError, EmbeddedError, Services, demo_folder
from config.embedded.places import LOGS, ROOT
from config.embedded.process import free_port, is_free


class StopAsked(BaseException):
    """Ctrl-C, SIGTERM, or the terminal was closed. Not an Exception: nothing on the way swallows it."""


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="./run demo", description="Serve the whole product with demo data.")
    parser.add_argument("--port", type=_port, default=8000, help="of the network and its sites (8000)")
    parser.add_argument("--fresh", action="store_true", help="forget what earlier runs have kept")
    options = parser.parse_args(arguments)
    _stop_on_signals()
    try:
        serve(port=options.port, fresh=options.fresh)
    except DataInUseError as problem:
        sys.exit(f"{problem} Stop it first, or use it: ./run manage finds it.")
    except (EmbeddedError, ChildFailedError) as problem:
        sys.exit(str(problem))
    except StopAsked:
        sys.stdout.write("\nStopped; the data is kept for the next ./run demo.\n")


def serve(*, port: int, fresh: bool) -> NoReturn:
    """Start everything and stay. Raises EmbeddedError, ChildFailedError, or StopAsked."""
    started = time.monotonic()
    with demo_folder() as folder:
        if not is_free(port):
            raise EmbeddedError(
                f"Port {port} is taken; choose another, such as: ./run demo --port {port + 100}"
            )
        if not _knows_localhost():
            raise EmbeddedError(
                "This machine does not know the name localhost; /etc/hosts should give 127.0.0.1."
            )
        if fresh:
            forget_everything(folder)
        gateway_port = port + 1 if is_free(port + 1) else free_port()
        env = environment(port=port, gateway_port=gateway_port)
        origin = env["NETWORK_ORIGIN"]
        services = Services(folder=folder, logs=LOGS, durable=True)
        with services.running() as addresses:
            env.update(addresses)
            with announced(env), Supervisor(env=env, cwd=ROOT, logs=LOGS, screen=sys.stdout) as supervisor:
                supervisor.need(services.processes)
                start_gateway(supervisor, env=env)
                prepare(supervisor)
                start(supervisor)
                supervisor.tend(until=lambda: _answers(f"{origin}/readyz"), seconds=120, awaited="web")
                supervisor.say(summary(env=env, seconds=time.monotonic() - started))
                supervisor.tend(until=lambda: False)
    raise AssertionError("the demo ends by a signal or a failure")


def prepare(supervisor: Supervisor) -> None:
    """Bring schemas, data and files up to date; quick when they are."""
    supervisor.say("Preparing databases, demo data and files; the first time this takes a minute ...")
    supervisor.run(Child(name="prepare", command=(sys.executable, "-m", "config.demo.prepare", LOGINS)))


def start_gateway(supervisor: Supervisor, *, env: Mapping[str, str]) -> None:
    """Start the gateway double and wait for it: the demo's customers pay there while they are made."""
    gateway = (
        *(sys.executable, "-m", "sandbox", "--data", GATEWAY_DATA),
        *("--port", str(urlsplit(env["STRIPE_API_BASE"]).port), "--api-key", env["STRIPE_API_KEY"]),
        *("--webhook-url", f"{env['NETWORK_ORIGIN']}/webhooks/stripe/"),
        *("--webhook-secret", env["STRIPE_WEBHOOK_SECRET"], "--return-host", "localhost"),
    )
    supervisor.start(Child(name="gateway", command=gateway))
    supervisor.tend(
        until=lambda: _answers(f"{env['STRIPE_API_BASE']}/control/"), seconds=60, awaited="gateway"
    )


def start(supervisor: Supervisor) -> None:
    """Start the processes that stay."""
    # a demo may be root's, of which Celery warns at length
    celery = (
        *(sys.executable, "-W", "ignore:You're running the worker", "-m", "celery"),
        *("--quiet", "--app", "config.celery"),
    )
    alone = ("--without-mingle", "--without-gossip")  # there is one worker: it need not look for others
    supervisor.start(
        Child(name="web", command=(sys.executable, "-m", "gunicorn", "--config", "python:config.gunicorn"))
    )
    supervisor.start(
        Child(
            name="worker",
            command=(*celery, "worker", "--loglevel", "INFO", "--concurrency", "2", *alone),
            comes_back=True,
        )
    )
    supervisor.start(Child(name="beat", command=(*celery, "beat"), comes_back=True))


def summary(*, env: Mapping[str, str], seconds: float) -> str:
    """Where to go, and as whom."""
    origin = env["NETWORK_ORIGIN"]
    rows = {
        "Network": origin,
        "Account": f"{origin}/account/",
        "Admin": f"{origin}/admin/",
        "Payment double": env["STRIPE_API_BASE"],
    }
    lines = [f"{name:<16}{address}" for name, address in rows.items()]
    ready = f"Sitewright is ready after {seconds:.0f} seconds. Ctrl-C stops it."
    rule = "─" * 72
    return "\n".join(["", rule, ready, "", *lines, "", LOGINS.read_text().rstrip(), rule, ""])


def _knows_localhost() -> bool:
    """Some containers and chroots do not; the gateway double would find no way to the web process."""
    try:
        return bool(socket.getaddrinfo("localhost", None, socket.AF_INET))
    except OSError:
        return False


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2):  # noqa: S310  an address of ours
            return True
    except OSError:  # not there yet, or not ready
        return False


def _stop_on_signals() -> None:
    def stop(_number: int, _frame: FrameType | None) -> NoReturn:
        for each in signals:  # once is enough: what follows is bounded
            signal.signal(each, signal.SIG_IGN)
        raise StopAsked

    signals = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as it is under nohup
        signals.append(signal.SIGHUP)
    for each in signals:
        signal.signal(each, stop)


def _port(text: str) -> int:
    port = int(text)
    if port not in range(1, 65_535):
        raise ValueError
    return port


if __name__ == "__main__":
    main(sys.argv[1:])
