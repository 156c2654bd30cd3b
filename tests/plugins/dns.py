"""A real DNS server on loopback that answers what a test wrote into it."""

import socketserver
import threading
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest


@dataclass(slots=True)
class DnsServer:
    """`put` records and `drop` them; `rcode` is answered to everything when it is not NOERROR; `asked` are the
    questions that came in."""

    port: int = 0
    rcode: dns.rcode.Rcode = dns.rcode.NOERROR
    asked: list[str] = field(default_factory=list)
    _records: dict[str, dict[str, list[str]]] = field(default_factory=lambda: defaultdict(dict))

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def put(self, name: str, kind: str, *values: str) -> None:
        quoted = [f'"{value}"' for value in values] if kind == "TXT" else list(values)
        self._records[f"{name}."][kind] = quoted

    def drop(self, name: str) -> None:
        self._records.pop(f"{name}.", None)

    def answer(self, wire: bytes) -> bytes:
        query = dns.message.from_wire(wire)
        (question,) = query.question
        kind = dns.rdatatype.to_text(question.rdtype)
        self.asked.append(f"{question.name.to_text()} {kind}")
        response = dns.message.make_response(query, recursion_available=True)
        response.set_rcode(self.rcode)
        if self.rcode == dns.rcode.NOERROR:
            self._fill(response, question.name.to_text(), kind)
        return response.to_wire()

    def _fill(self, response: dns.message.Message, name: str, kind: str) -> None:
        """As a recursive server does: with the aliases on the way."""
        while True:
            records = self._records.get(name.lower())
            if records is None:
                response.set_rcode(dns.rcode.NXDOMAIN)
                return
            found = kind if kind in records else "CNAME"
            if found not in records:
                return
            response.answer.append(dns.rrset.from_text(name, 60, "IN", found, *records[found]))
            if found == kind:
                return
            name = records["CNAME"][0]


@pytest.fixture
def dns_server(settings: Any) -> Iterator[DnsServer]:
    """The one that the product asks."""
    server = DnsServer()

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            wire, link = self.request
            link.sendto(server.answer(wire), self.client_address)

    with socketserver.ThreadingUDPServer(("127.0.0.1", 0), Handler) as listener:
        server.port = listener.server_address[1]
        settings.DNS_SERVERS = [server.address]
        settings.SITES_ADDRESSES = ["203.0.113.10", "2001:db8::10"]
        thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        listener.shutdown()
        thread.join()
