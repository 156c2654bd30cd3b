"""Where messages may be sent: to public machines, over TLS. Pure.

A host that the network's owner trusts by name (`HOOKS_TRUSTED_HOSTS`) may be any machine, reached without TLS too.
"""

import ipaddress
import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

import idna

LONGEST_URL: Final = 500
TLS_PORT, PLAIN_PORT = 443, 80
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_UNPRINTABLE = re.compile(r"[^\x21-\x7e]")
# public by their number, and still not machines of the internet: they stand for others, or for the cloud around us
_NOT_OF_THE_INTERNET = tuple(
    ipaddress.ip_network(net)
    for net in (
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2001::/32",
        "2002::/16",
        "192.0.0.0/24",
        "168.63.129.16/32",
    )
)


class Fault(StrEnum):
    """The rule that an address breaks."""

    UNREADABLE = "unreadable"
    NOT_TLS = "not_tls"
    PASSWORD = "password"  # noqa: S105 -- what is wrong, not a secret
    HOST = "host"


class BadAddress(ValueError):
    """Why nothing may be sent to an address."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A URL in its parts; `host` is as the DNS has it, `path` with its query."""

    host: str
    port: int
    path: str
    is_tls: bool
    is_trusted: bool


def parse(url: str, *, trusted: Collection[str]) -> Target:
    """The parts of `url`. Raises BadAddress for one to which nothing may be sent, whatever its host leads to."""
    if len(url) > LONGEST_URL or _UNPRINTABLE.search(url) or "\\" in url:
        raise BadAddress(Fault.UNREADABLE)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise BadAddress(Fault.UNREADABLE) from error
    if parts.scheme not in {"https", "http"} or not parts.hostname or parts.fragment or port == 0:
        raise BadAddress(Fault.UNREADABLE)
    if "@" in parts.netloc:
        raise BadAddress(Fault.PASSWORD)
    is_tls, is_trusted = parts.scheme == "https", parts.hostname in trusted
    if not is_tls and not is_trusted:
        raise BadAddress(Fault.NOT_TLS)
    return Target(
        host=parts.hostname if is_trusted else _public_name(parts.hostname),
        port=port or (TLS_PORT if is_tls else PLAIN_PORT),
        path=f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}",
        is_tls=is_tls,
        is_trusted=is_trusted,
    )


def is_public(address: str) -> bool:
    """Whether `address`, as the DNS gave it, is one of the internet's: not this machine, its network or its cloud."""
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return is_public(str(found.ipv4_mapped))
        if found.is_site_local:
            return False
    if any(found.version == net.version and found in net for net in _NOT_OF_THE_INTERNET):
        return False
    return found.is_global and not (found.is_multicast or found.is_reserved or found.is_unspecified)


def _public_name(host: str) -> str:
    """`host` if it has the form of a name in the DNS; an IP address in any spelling is none. Raises BadAddress."""
    try:
        name = idna.encode(host.removesuffix("."), uts46=True, std3_rules=True).decode()
    except idna.IDNAError as error:
        raise BadAddress(Fault.HOST) from error
    labels = name.split(".")
    if len(labels) == 1 or labels[-1].isdecimal() or not all(_LABEL.fullmatch(label) for label in labels):
        raise BadAddress(Fault.HOST)
    return name
