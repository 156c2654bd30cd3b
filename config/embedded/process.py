"""Child processes that never outlive their parent."""

from __future__ import annotations

import ctypes
import os
import pwd
import secrets
import signal
import socket
import subprocess
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)

Process = subprocess.Popen[bytes]


class EmbeddedError(Exception):
    """A service could not be set up or started; the message is a sentence for the person at the terminal."""


def unprivileged_account() -> pwd.struct_passwd | None:
    """Whom servers run as: root hands them to ``nobody``, as PostgreSQL refuses root; others keep them."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def spawn(
    arguments: Sequence[str | Path],
    *,
    env: Mapping[str, str],
    output: IO[bytes] | int,
    farewell: signal.Signals,
    account: pwd.struct_passwd | None = None,
    cwd: Path = Path("/"),
) -> Process:
    """Start a child in a session of its own, as `account` when given.

    The kernel sends it `farewell` when we end in whatever way, SIGKILL included. It watches the thread that
    forked rather than the process, hence the main thread only.
    """
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("children are started from the main thread, or they would end with the thread")
    parent = os.getpid()

    def end_with_parent() -> None:
        _libc.prctl(_PR_SET_PDEATHSIG, int(farewell))
        if os.getppid() != parent:  # it ended between fork and prctl
            os._exit(1)

    return subprocess.Popen(  # noqa: S603  a list from our own code, no shell
        [str(argument) for argument in arguments],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        cwd=cwd,
        env=dict(env),
        start_new_session=True,
        preexec_fn=end_with_parent,  # noqa: PLW1509  comes after the change of user, which would undo prctl
        user=account.pw_uid if account else None,
        group=account.pw_gid if account else None,
        extra_groups=[] if account else None,
    )


def end(process: Process, *, farewell: signal.Signals, patience: float) -> None:
    """Ask the process to end; after `patience` seconds kill it, and always what is left of its session."""
    if process.poll() is None:
        process.send_signal(farewell)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def free_port() -> int:
    """A free TCP port of loopback, below those the kernel gives to outgoing connections.

    From that range somebody could get it before our server does, even our own first try to connect to it.
    """
    for _ in range(100):
        port = 15_000 + secrets.randbelow(17_000)
        if is_free(port):
            return port
    raise EmbeddedError("No free port was found between 15000 and 32000.")


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of loopback now."""
    with socket.socket() as listener:
        listener.setsockopt(
            socket.SOL_SOCKET, socket.SO_REUSEADDR, 1
        )  # as servers do: past connections don't count
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
