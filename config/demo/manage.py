"""``./run manage``: manage.py with the demo's settings, and its servers up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence

from config.demo.environment import announcement, environment
from config.embedded import DataInUseError, EmbeddedError, Services, demo_folder
from config.embedded.places import LOGS, ROOT

_PATIENCE = 30.0  # seconds for a demo that is just starting to have its servers up


def main(arguments: Sequence[str]) -> int:
    """Join the servers of a running demo, or start them for this one command. Returns its exit code."""
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    try:
        with demo_folder() as folder, Services(folder=folder, logs=LOGS, durable=True).running() as addresses:
            signal.signal(signal.SIGINT, lambda *_: None)  # Ctrl-C is for the command, which we wait for
            env = {**environment(port=8000, gateway_port=8001), **addresses}
            return subprocess.run(command, env=env, check=False).returncode  # noqa: S603  the person's own words
    except DataInUseError:
        os.execve(sys.executable, command, {**os.environ, **_running_demo()})  # noqa: S606  no shell wanted
    except EmbeddedError as problem:
        sys.exit(str(problem))


def _running_demo() -> dict[str, str]:
    give_up = time.monotonic() + _PATIENCE
    while not (added := announcement()):
        if time.monotonic() > give_up:
            sys.exit("The demo is running but its servers are not up; see .local/logs.")
        time.sleep(0.1)
    return added


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
