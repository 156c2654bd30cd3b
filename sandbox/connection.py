"""Cutting a connection without an answer, as a dying network does."""

import contextlib
import socket

from django.http import HttpRequest, HttpResponse

SOCKET = "sandbox.socket"  # where the server leaves the connection in the WSGI environment


def cut(request: HttpRequest) -> HttpResponse:
    """Closes the connection now. What is returned is written to nobody."""
    with contextlib.suppress(OSError):
        request.META[SOCKET].shutdown(socket.SHUT_RDWR)
    return HttpResponse()
