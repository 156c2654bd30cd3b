"""Where the services keep their data, and who may use it."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.embedded.process import EmbeddedError

ROOT = Path(__file__).resolve().parents[2]
LOCAL = ROOT / ".local"
LOGS = LOCAL / "logs"
_SYSTEM = Path("/var/lib/sitewright")
_THROWAWAY = "throwaway-"


class DataInUseError(EmbeddedError):
    """Another process of this checkout runs its services on the same data."""


def system_folder() -> Path:
    """Root's base folder. Servers run as another user, who may have no way into the checkout.

    Raises EmbeddedError when anyone but root could have put it there.
    """
    _SYSTEM.mkdir(mode=0o711, exist_ok=True)
    facts = _SYSTEM.lstat()
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != 0 or facts.st_mode & 0o022:
        raise EmbeddedError(f"{_SYSTEM} must be a folder that root owns and nobody else can write to.")
    return _SYSTEM


def data_folder() -> Path:
    """The folder of this checkout's data: ``.local/``, or for root one under /var/lib."""
    if os.geteuid() != 0:
        LOCAL.mkdir(mode=0o700, exist_ok=True)
        return LOCAL
    folder = system_folder() / hashlib.sha256(bytes(ROOT)).hexdigest()[:16]
    folder.mkdir(mode=0o711, exist_ok=True)
    (folder / "checkout").write_text(f"{ROOT}\n")
    return folder


@contextmanager
def demo_folder() -> Iterator[Path]:
    """The durable data of the demo, ours alone until the end of the block. Raises DataInUseError."""
    folder = data_folder() / "demo"
    folder.mkdir(mode=0o711, exist_ok=True)
    try:
        lock = _lock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise DataInUseError("The demo of this checkout is running already.") from None
    try:
        yield folder
    finally:
        os.close(lock)


@contextmanager
def throwaway_folder() -> Iterator[Path]:
    """A new folder that goes with the block; those of runs that were killed go first."""
    base = data_folder()
    arranging = _lock(
        base, fcntl.LOCK_EX
    )  # so that nobody takes a folder without its lock yet for a left-over
    try:
        for left_behind in base.glob(f"{_THROWAWAY}*"):
            _remove_unless_in_use(left_behind)
        folder = Path(tempfile.mkdtemp(prefix=_THROWAWAY, dir=base))
        lock = _lock(folder, fcntl.LOCK_EX)
    finally:
        os.close(arranging)
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _remove_unless_in_use(folder: Path) -> None:
    try:
        lock = _lock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    shutil.rmtree(folder, ignore_errors=True)
    os.close(lock)


def _lock(folder: Path, how: int) -> int:
    """Hold the folder's lock until the returned descriptor is closed or we end. Raises BlockingIOError."""
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, how)
    except BlockingIOError:
        os.close(descriptor)
        raise
    return descriptor
