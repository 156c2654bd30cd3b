"""Names of people's own that may lead to a site. Pure.

A name is kept as the DNS has it: lower case, letters outside ASCII as Punycode, no final dot.
"""

import ipaddress
import re
from collections.abc import Iterable
from enum import StrEnum
from functools import cache
from typing import Final

import idna
from publicsuffixlist import PublicSuffixList

LONGEST_NAME: Final = 253
SHORTEST: Final = 2  # labels
NOT_OF_THE_WEB: Final = frozenset({"arpa", "onion"})  # endings that are listed and hold no websites
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


class Fault(StrEnum):
    """The rule that a name breaks."""

    EMPTY = "empty"
    ADDRESS = "address"
    WILDCARD = "wildcard"
    IP_ADDRESS = "ip_address"
    CHARACTERS = "characters"
    PUNYCODE = "punycode"
    LONG = "long"
    INCOMPLETE = "incomplete"
    ENDING = "ending"
    SHARED = "shared"
    ELSEWHERE = "elsewhere"
    NETWORK = "network"


class BadName(ValueError):
    """Why what was typed cannot be a site's name."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault


def parse(typed: str, *, networks_own: Iterable[str]) -> str:
    """The name that a person means by `typed`, as the DNS has it. Raises BadName.

    `networks_own` are the hosts of the network: neither they, nor what is under or above them, may be taken.
    """
    text = typed.strip()
    if not text:
        raise BadName(Fault.EMPTY)
    if "*" in text:
        raise BadName(Fault.WILDCARD)
    if _is_ip_address(text):
        raise BadName(Fault.IP_ADDRESS)
    if any(mark in text for mark in ":/@?#\\"):
        raise BadName(Fault.ADDRESS)
    name = _as_ascii(text)
    _check_labels(name)
    _check_owner(name, networks_own=networks_own)
    return name


def as_people_write(name: str) -> str:
    """`name` with the letters that its owner sees: `bücher.example` for `xn--bcher-kva.example`."""
    try:
        return str(idna.decode(name))
    except idna.IDNAError:
        return name


def is_apex(name: str) -> bool:
    """Whether `name` is the registered domain itself, where the DNS allows no CNAME."""
    return bool(_suffixes().privatesuffix(name) == name)


def registered(name: str) -> str:
    """The part of `name` that its owner registered; `name` itself under an ending that is not known."""
    return str(_suffixes().privatesuffix(name, accept_unknown=False) or name)


def _as_ascii(text: str) -> str:
    """Lower case, Punycode, without the final dot. `xn--` is taken only where it says what idna would say."""
    plain = text.removesuffix(".").lower()
    if any(not label for label in re.split(r"[.。．｡]", plain)):  # noqa: RUF001 -- the dots that idna knows
        raise BadName(Fault.CHARACTERS)
    try:
        return idna.encode(plain, uts46=True, std3_rules=True).decode().removesuffix(".")
    except idna.IDNAError:
        pass
    if "xn--" in plain:
        raise BadName(Fault.PUNYCODE)
    if len(plain) > LONGEST_NAME or any(len(label) > 63 for label in plain.split(".")):  # noqa: PLR2004 -- RFC 1035
        raise BadName(Fault.LONG)
    raise BadName(Fault.CHARACTERS)


def _check_labels(name: str) -> None:
    labels = name.split(".")
    if len(name) > LONGEST_NAME:
        raise BadName(Fault.LONG)
    if not all(_LABEL.fullmatch(label) for label in labels):
        raise BadName(Fault.CHARACTERS)
    if _is_ip_address(name) or labels[-1].isdecimal():
        raise BadName(Fault.IP_ADDRESS)
    if len(labels) < SHORTEST:
        raise BadName(Fault.INCOMPLETE)


def _check_owner(name: str, *, networks_own: Iterable[str]) -> None:
    for own in networks_own:
        if name == own or name.endswith(f".{own}") or own.endswith(f".{name}"):
            raise BadName(Fault.NETWORK)
    ending = _suffixes().publicsuffix(name, accept_unknown=False)
    if ending is None or name.rpartition(".")[2] in NOT_OF_THE_WEB:
        raise BadName(Fault.ENDING)
    if ending == name:
        raise BadName(Fault.SHARED)
    if ending != _registries().publicsuffix(name, accept_unknown=False):
        raise BadName(Fault.ELSEWHERE)


def _is_ip_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return False
    return True


@cache
def _suffixes() -> PublicSuffixList:
    """Endings under which everybody may have a name, at registries and at other networks."""
    return PublicSuffixList()


@cache
def _registries() -> PublicSuffixList:
    """The endings of registries alone."""
    return PublicSuffixList(only_icann=True)
