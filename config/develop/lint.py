"""``./run lint``: every check that needs no test, each with its seconds; 1 when one fails."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from config.embedded import EmbeddedError, Services, throwaway_folder
from config.embedded.places import ROOT

_LAYERS: Final = "from importlinter.cli import lint_imports_command as main; main()"  # it has no -m form
CHECKS: Final[Mapping[str, Sequence[str]]] = {  # the longest first: two run at a time
    "types": ("-m", "mypy", "."),
    "style": ("-m", "ruff", "check", ".", "run"),
    "layout": ("-m", "ruff", "format", "--check", ".", "run"),
    "layers": ("-c", _LAYERS),
    "templates": ("-m", "djlint", ".", "--lint", "--check", "--quiet"),
    "spelling": ("-m", "codespell_lib"),
    "migrations": ("manage.py", "makemigrations", "--check", "--dry-run"),
}


def main() -> int:
    """Run them all, and say of each how it went; what it said only when it fails."""
    try:
        # Django compares the migrations with a database
        with throwaway_folder() as folder:
            services = Services(folder=folder, logs=folder / "logs", durable=False)
            with services.running() as addresses, ThreadPoolExecutor(max_workers=2) as pool:
                env = {**os.environ, **addresses, "DJANGO_SETTINGS_MODULE": "config.settings.test"}
                passed = dict(zip(CHECKS, pool.map(lambda name: _passes(name, env=env), CHECKS), strict=True))
    except EmbeddedError as problem:
        sys.exit(str(problem))
    failed = [name for name, passes in passed.items() if not passes]
    _say(f"Failed: {', '.join(failed)}." if failed else f"All {len(CHECKS)} checks pass.")
    return 1 if failed else 0


def _passes(name: str, *, env: Mapping[str, str]) -> bool:
    started = time.monotonic()
    result = subprocess.run(  # noqa: S603  our own words, from the table above
        [sys.executable, *CHECKS[name]],
        cwd=ROOT,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    passes = result.returncode == 0
    verdict = f"{'pass' if passes else 'FAIL'}  {name:<12}{time.monotonic() - started:5.1f} s"
    _say(verdict if passes else f"{verdict}\n{result.stdout.rstrip()}")
    return passes


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
