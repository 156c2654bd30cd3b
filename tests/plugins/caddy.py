"""A real Caddy in front of a web process, with this project's own Caddyfile and certificates of its own making."""

import os
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPResponse
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from config.embedded.process import free_port

ROOT: Final = Path(__file__).resolve().parents[2]
UNPACKED: Final = ROOT / ".local" / "caddy"
PATIENCE: Final = 30.0


class Answer(NamedTuple):
    status: int
    location: str
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Caddy:
    """Listening on loopback; `authority` is what a client must trust."""

    https_port: int
    authority: Path

    def get(self, host: str, path: str = "/") -> Answer:
        """What a visitor of `https://host` gets. Raises SSLError where there is no certificate for it."""
        context = ssl.create_default_context(cafile=str(self.authority))
        with (
            socket.create_connection(("127.0.0.1", self.https_port), PATIENCE) as plain,
            context.wrap_socket(plain, server_hostname=host) as secured,
        ):
            secured.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
            response = HTTPResponse(secured)
            response.begin()
            with response:
                return Answer(response.status, response.headers.get("Location", ""), response.read())


@pytest.fixture(scope="session")
def caddy_program() -> str:
    """Caddy of the PATH, else Debian's, downloaded and unpacked but not installed; else the test is skipped."""
    found = shutil.which("caddy") or shutil.which(str(UNPACKED / "usr" / "bin" / "caddy")) or _unpack()
    if found is None:
        pytest.skip("there is no Caddy, and apt-get and dpkg-deb could not get Debian's")
    return found


def _unpack() -> str | None:
    UNPACKED.mkdir(parents=True, exist_ok=True)
    try:
        subprocess.run(
            ["apt-get", "download", "caddy"], cwd=UNPACKED, capture_output=True, check=True, timeout=60
        )
        (package,) = UNPACKED.glob("caddy_*.deb")
        subprocess.run(["dpkg-deb", "-x", package, UNPACKED], capture_output=True, check=True, timeout=60)
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return shutil.which(str(UNPACKED / "usr" / "bin" / "caddy"))


@contextmanager
def caddy_before(app: str, *, program: str, folder: Path) -> Iterator[Caddy]:
    """Caddy by this project's Caddyfile, in front of the web process at `app`, until the block ends."""
    ports = {"HTTP_PORT": str(free_port()), "HTTPS_PORT": str(free_port())}
    ours = {"APP": app, "NETWORK_HOST": "localhost", "TLS_ISSUER": "internal", "CADDY_ADMIN": "off", **ports}
    homes = {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    command = [program, "run", "--config", str(ROOT / "Caddyfile"), "--adapter", "caddyfile"]
    with (folder / "caddy.log").open("wb") as log:
        process = subprocess.Popen(command, env={**os.environ, **ours, **homes}, stdout=log, stderr=log)
    try:
        authority = folder / "caddy" / "pki" / "authorities" / "local" / "root.crt"
        _wait(ports["HTTPS_PORT"], authority, log=folder / "caddy.log", process=process)
        yield Caddy(https_port=int(ports["HTTPS_PORT"]), authority=authority)
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _wait(port: str, authority: Path, *, log: Path, process: "subprocess.Popen[bytes]") -> None:
    """Until it listens and has made its authority."""
    give_up = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < give_up:
        try:
            with socket.create_connection(("127.0.0.1", int(port)), timeout=2):
                if authority.exists():
                    return
        except OSError:
            pass
        time.sleep(0.05)
    raise RuntimeError(f"Caddy did not start: {log.read_text(errors='replace')[-2000:]}")
