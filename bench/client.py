"""A browser that only times: one connection that stays open, no more work than a request needs."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Mapping
from time import perf_counter


class Refused(RuntimeError):
    """The server answered with another answer than the one that is measured."""


class Client:
    """Asks the web process on `port`; a request that takes longer than ten seconds is an error."""

    def __init__(self, port: int) -> None:
        self._host = f"localhost:{port}"
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        self._connection.connect()
        self._connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def get(self, path: str, headers: Mapping[str, str], *, holding: bytes) -> float:
        """Seconds from the request to the last byte of a 200 with `holding` in it. Raises Refused."""
        return self._seconds("GET", path, None, headers, holding)

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> float:
        """The same for a body of JSON."""
        return self._seconds("POST", path, body, {"Content-Type": "application/json", **headers}, b"")

    def close(self) -> None:
        self._connection.close()

    def _seconds(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str], holding: bytes
    ) -> float:
        started = perf_counter()
        self._connection.request(method, path, body, {"Host": self._host, **headers})
        response = self._connection.getresponse()
        content = response.read()
        seconds = perf_counter() - started
        if response.status != 200 or holding not in content:
            raise Refused(f"{method} {path}: {response.status} {content[:200]!r}")
        return seconds
