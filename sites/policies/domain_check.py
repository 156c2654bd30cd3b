"""Whether a name is proven, and whether it leads here, by what the DNS says of it. Pure."""

import ipaddress
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """What the DNS said of a name: the texts at its proof name, the name it is an alias of, its addresses.

    `silent`: some server did not answer or could not, so nothing follows from what is missing.
    """

    proofs: tuple[str, ...] = ()
    alias: str = ""
    addresses: tuple[str, ...] = ()
    silent: bool = False

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read what `to_json` wrote; nothing was seen when it is empty."""
        return cls(
            proofs=tuple(stored.get("proofs", ())),
            alias=stored.get("alias", ""),
            addresses=tuple(stored.get("addresses", ())),
            silent=stored.get("silent", False),
        )


def is_proven(records: Records, *, proof: str) -> bool:
    return proof in records.proofs


def leads_here(records: Records, *, own_host: str, our_addresses: Collection[str]) -> bool:
    """Whether all that the name leads to is ours: it is an alias of the site's own address, or each of its
    addresses is one of the network's. With a stranger's address among them, some visitors would go astray."""
    if records.alias == own_host:
        return True
    ours = {ipaddress.ip_address(address) for address in our_addresses}
    return bool(records.addresses) and all(
        ipaddress.ip_address(address) in ours for address in records.addresses
    )


def private_addresses(records: Records) -> list[str]:
    """Those that no visitor can reach, as they belong to some private or special network."""
    return [address for address in records.addresses if not ipaddress.ip_address(address).is_global]
