"""One POST to somebody else's machine: found once, judged, and spoken to at the very address that was judged."""

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _

from checkout.hooks.addresses import BadAddress, Target, is_public, parse
from sites.hosting.resolver import Unknown, name_servers

SECONDS_TO_CONNECT: Final = 5.0
SECONDS_IN_ALL: Final = 10.0
MOST_BYTES: Final = 1000  # of an answer; nobody needs more of it than that to see what is wrong
AGENT: Final = "Sitewright-Webhooks/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of a POST: a `status` and the beginning of the body, or an `error` when nobody answered."""

    milliseconds: int
    status: int | None = None
    excerpt: str = ""
    error: str = ""

    @property
    def is_taken(self) -> bool:
        return self.status is not None and self.status // 100 == 2  # noqa: PLR2004 -- 2xx

    @property
    def is_gone(self) -> bool:
        """Whether the endpoint wants no messages any more."""
        return self.status == http.client.GONE


class NotSent(Exception):
    """Nobody was spoken to, or nobody answered; the message says why, in the active language."""


def post(*, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Send `body` to `url` and wait for the answer, ten seconds at most. Follows no redirect; raises nothing."""
    began = time.monotonic()
    try:
        status, excerpt = _post(url, body, headers)
    except NotSent as refusal:
        return Answer(milliseconds=_since(began), error=str(refusal))
    except TimeoutError:
        return Answer(milliseconds=_since(began), error=_("No complete answer in time."))
    except (OSError, http.client.HTTPException) as error:
        late = time.monotonic() - began >= SECONDS_IN_ALL
        why = _("No complete answer in time.") if late else f"{type(error).__name__}: {error}"
        return Answer(milliseconds=_since(began), error=why[:400])
    return Answer(milliseconds=_since(began), status=status, excerpt=excerpt)


def _post(url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, str]:
    try:
        target = parse(url, trusted=settings.HOOKS_TRUSTED_HOSTS)
    except BadAddress as error:
        raise NotSent(_("Nothing may be sent to this address.")) from error
    connection = _Pinned(target, _addresses_of(target))
    deadline = threading.Timer(SECONDS_IN_ALL, connection.cut)
    deadline.daemon = True
    deadline.start()
    try:
        connection.request(
            "POST",
            target.path,
            body=body,
            headers={**headers, "Content-Type": "application/json", "User-Agent": AGENT},
        )
        response = connection.getresponse()
        return response.status, _text(response.read(MOST_BYTES))
    finally:
        deadline.cancel()
        connection.close()


def _addresses_of(target: Target) -> Sequence[str]:
    """What the host leads to, asked once. Raises NotSent when nothing is found, or something that is not public."""
    if target.is_trusted:
        return [target.host]  # whatever this machine knows by that name
    try:
        found = name_servers().addresses(target.host)
    except Unknown as error:
        raise NotSent(_("The host's name leads nowhere.")) from error
    if not all(map(is_public, found)):
        raise NotSent(_("The host leads to an address that is not public."))
    return found


class _Pinned(http.client.HTTPConnection):
    """A connection to one of `addresses`, whatever the name leads to by then; the certificate is the name's."""

    def __init__(self, target: Target, addresses: Sequence[str]) -> None:
        super().__init__(target.host, target.port, timeout=SECONDS_TO_CONNECT)
        self._target = target
        self._addresses = addresses

    def connect(self) -> None:
        self.sock = self._reached()
        if self._target.is_tls:
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(
                self.sock, server_hostname=self._target.host, do_handshake_on_connect=False
            )
            self.sock.do_handshake()

    def cut(self) -> None:
        """End it from another thread: the deadline has come."""
        if self.sock is not None:
            with suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)

    def _reached(self) -> socket.socket:
        failed: OSError = ConnectionError("no address")
        for address in self._addresses:
            try:
                return socket.create_connection((address, self._target.port), timeout=SECONDS_TO_CONNECT)
            except OSError as error:
                failed = error
        raise failed


def _text(body: bytes) -> str:
    return body.decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)
