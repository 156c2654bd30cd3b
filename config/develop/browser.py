"""``./run browser``: the tests that look at pages in Debian's Chromium."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from typing import Final, NoReturn

_APT: Final = ("apt-get", "--yes", "--quiet=2", "-o", "DPkg::Lock::Timeout=300")


def main(arguments: Sequence[str]) -> NoReturn:
    """Make sure there is a browser, and hand over to pytest."""
    chromium = shutil.which("chromium") or _install()
    environment = {**os.environ, "CHROMIUM": chromium}
    command = [sys.executable, "-m", "pytest", "tests/browser", *arguments]
    os.execve(sys.executable, command, environment)  # noqa: S606  no shell wanted


def _install() -> str:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        sys.exit("Chromium is missing; on Debian, as root: apt install chromium.")
    sys.stdout.write("Installing Chromium ...\n")
    sys.stdout.flush()
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for step in (("update",), ("install", "--no-install-recommends", "chromium", "fonts-liberation")):
        result = subprocess.run(  # noqa: S603  our own words
            [*_APT, *step],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if result.returncode != 0:
            last = (result.stdout.strip().splitlines() or ["it said nothing"])[-1]
            sys.exit(f"apt-get {step[0]} failed: {last}")
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("Chromium was installed but is not in the PATH.")
    return chromium


if __name__ == "__main__":
    main(sys.argv[1:])
