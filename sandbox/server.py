"""The HTTP server: Django's threaded one, a thread for each connection, on the loopback interface only."""

from socketserver import BaseRequestHandler
from typing import Any

from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler

from sandbox.connection import SOCKET

LOOPBACK = "127.0.0.1"


class Handler(WSGIRequestHandler):
    """Leaves the connection where a view can cut it."""

    disable_nagle_algorithm = True  # head and body are two writes; without this the second waits for 40 ms

    def get_environ(self) -> dict[str, Any]:
        return {**super().get_environ(), SOCKET: self.connection}


class Server(ThreadedWSGIServer):
    """`port` 0 takes a free one; `server_port` says which."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, *, port: int) -> None:
        handler: type[BaseRequestHandler] = Handler
        super().__init__((LOOPBACK, port), handler)
