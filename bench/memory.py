"""What the whole demo needs when nobody uses it: `./run demo`, of a copy of this checkout, left alone."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from bench.measure import Figure, Goal, Line, Row
from config.embedded import EmbeddedError
from config.embedded.places import ROOT
from config.embedded.process import Process, end, free_port, spawn

GOAL_MB: Final = 1000
SECONDS_TO_START: Final = 180
SECONDS_TO_SETTLE: Final = 15
LOOKS: Final = 5
SECONDS_BETWEEN: Final = 2
LEFT_OUT: Final = ("/.git", "/.venv", "/.local", "/tests", "__pycache__", "_cache", "/.hypothesis")
ROLES: Final = {  # what a process is, by the first of these that its command line holds
    "gunicorn": "web",
    "config.celery worker": "worker",
    "config.celery beat": "beat",
    "-m sandbox": "gateway double",
    "config.demo": "supervisor",
    "postgres": "PostgreSQL",
    "valkey": "Valkey",
}


def measure() -> Figure:
    looks: list[dict[str, float]] = []
    with _demo() as demo:
        time.sleep(SECONDS_TO_SETTLE)
        for _ in range(LOOKS):
            time.sleep(SECONDS_BETWEEN)
            looks.append(_megabytes(demo.pid))
    total = Line(what="the whole demo", unit="MB", blocks=[[sum(look.values()) for look in looks]])
    parts = [
        Line(what=f"  {role}", unit="MB", blocks=[[look.get(role, 0.0) for look in looks]])
        for role in sorted(looks[0])
    ]
    return Figure(
        title="Memory of the idle demo",
        settings=[
            "PSS of the process tree: a shared page counts once, divided among its owners",
            f"newly seeded, three pages asked for; {LOOKS} looks, the first after {SECONDS_TO_SETTLE} s",
        ],
        rows=[Row(ours=total, goal=Goal(percent=100, most=GOAL_MB)), *(Row(ours=part) for part in parts)],
    )


@contextmanager
def _demo() -> Iterator[Process]:
    """The demo of a copy, so that the data of the real one stay as they are. Raises EmbeddedError."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        copy = Path(folder) / "checkout"
        shutil.copytree(ROOT, copy, ignore=_left_out)
        port, log = free_port(), Path(folder) / "log"
        ask = [sys.executable, "-c", "from config.embedded.places import data_folder; print(data_folder())"]
        data = Path(subprocess.run(ask, cwd=copy, capture_output=True, text=True, check=True).stdout.strip())
        with log.open("wb") as output:
            command = [sys.executable, "-m", "config.demo", "--port", str(port)]
            demo = spawn(command, env=_environment(), output=output, farewell=signal.SIGINT, cwd=copy)
        try:
            _await(demo, log, port)
            yield demo
        finally:
            end(demo, farewell=signal.SIGINT, patience=60)
            shutil.rmtree(data, ignore_errors=True)


def _left_out(folder: str, names: list[str]) -> set[str]:
    return {name for name in names if f"{folder.removeprefix(str(ROOT))}/{name}".endswith(LEFT_OUT)}


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}


def _await(demo: Process, log: Path, port: int) -> None:
    """Wait until the demo says that it is ready, then look at it as a visitor does."""
    give_up = time.monotonic() + SECONDS_TO_START
    while "is ready after" not in log.read_text(errors="replace"):
        if demo.poll() is not None or time.monotonic() > give_up:
            raise EmbeddedError(f"The demo did not start: {log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.2)
    for path in ("/", "/auth/login/", "/admin/login/"):
        with urllib.request.urlopen(f"http://localhost:{port}{path}", timeout=10) as page:
            page.read()


def _megabytes(root: int) -> dict[str, float]:
    """The tree's PSS in MB by role."""
    children = defaultdict(list)
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
        children[parent].append(int(stat.parent.name))
    tree = [root]
    sizes: dict[str, float] = defaultdict(float)
    for pid in tree:
        tree += children[pid]
        folder = Path("/proc", str(pid))
        kilobytes = re.search(r"^Pss:\s+(\d+)", (folder / "smaps_rollup").read_text(), re.MULTILINE)
        command = (folder / "cmdline").read_text().replace("\0", " ")
        role = next((role for words, role in ROLES.items() if words in command), command[:20])
        sizes[role] += int(kilobytes[1]) * 1024 / 1e6 if kilobytes else 0.0
    return sizes
