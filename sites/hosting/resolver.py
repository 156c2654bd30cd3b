"""What the DNS says of a name. A port, and its adapter to real name servers.

Nothing here, and nothing that uses it, connects to what a name leads to: the only machines that are asked are the
name servers of the settings, or else the system's.
"""

from typing import Final, Protocol
from urllib.parse import urlsplit

import dns.exception
import dns.name
import dns.nameserver
import dns.rdatatype
import dns.resolver
from django.conf import settings
from dns.rdtypes.ANY.CNAME import CNAME
from dns.rdtypes.ANY.TXT import TXT

from sites.policies.domain_check import Records

SECONDS_FOR_AN_ANSWER: Final = 3.0
DNS_PORT: Final = 53
MOST_RECORDS: Final = 20  # of each kind; a name may have thousands
LONGEST_TEXT: Final = 255


class Resolver(Protocol):
    """Somebody who can ask the DNS."""

    def look_up(self, *, name: str, proof_name: str) -> Records:
        """The texts at `proof_name`, and what `name` leads to. Takes seconds at worst, raises nothing."""


class Unknown(LookupError):
    """A name that leads to no machine, or that no server could say anything about."""


class NameServers:
    """Asks recursive name servers; `servers` are addresses with or without port, none for the system's own."""

    def __init__(self, servers: list[str], *, seconds: float = SECONDS_FOR_AN_ANSWER) -> None:
        self._resolver = dns.resolver.Resolver(configure=not servers)
        self._resolver.lifetime = seconds
        self._resolver.cache = None  # what was not there a minute ago may be there now
        if servers:
            found = [urlsplit(f"//{server}") for server in servers]
            self._resolver.nameservers = [
                dns.nameserver.Do53Nameserver(server.hostname or "", server.port or DNS_PORT)
                for server in found
            ]

    def look_up(self, *, name: str, proof_name: str) -> Records:
        try:
            return Records(
                proofs=self._texts(proof_name),
                alias=self._alias(name),
                addresses=(*self._addresses(name, "A"), *self._addresses(name, "AAAA")),
            )
        except dns.exception.DNSException:
            return Records(silent=True)

    def addresses(self, name: str) -> tuple[str, ...]:
        """The machines that `name` leads to, those of IPv4 first. Takes seconds at worst. Raises Unknown."""
        try:
            found = (*self._addresses(name, "A"), *self._addresses(name, "AAAA"))
        except dns.exception.DNSException as error:
            raise Unknown(name) from error
        if not found:
            raise Unknown(name)
        return found

    def _texts(self, name: str) -> tuple[str, ...]:
        """The proof is believed at the name itself only: behind an alias it would be somebody else's word."""
        answer = self._ask(name, "TXT")
        if answer is None or answer.canonical_name != dns.name.from_text(name):
            return ()
        texts = [b"".join(record.strings) for record in answer if isinstance(record, TXT)]
        return tuple(text.decode("ascii", "replace")[:LONGEST_TEXT] for text in sorted(texts)[:MOST_RECORDS])

    def _alias(self, name: str) -> str:
        answer = self._ask(name, "CNAME")
        targets = [record.target for record in answer or () if isinstance(record, CNAME)]
        return targets[0].to_text(omit_final_dot=True).lower() if targets else ""

    def _addresses(self, name: str, kind: str) -> list[str]:
        answer = self._ask(name, kind)
        return sorted(record.to_text() for record in answer or ())[:MOST_RECORDS]

    def _ask(self, name: str, kind: str) -> dns.resolver.Answer | None:
        """None when there is no such record. Raises DNSException when no server could say."""
        try:
            return self._resolver.resolve(dns.name.from_text(name), kind, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return None


def name_servers() -> NameServers:
    return NameServers(settings.DNS_SERVERS)


def from_settings() -> Resolver:
    return name_servers()
