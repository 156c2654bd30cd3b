"""In which order the sites get new migrations, and when to stop. Pure."""

import hashlib
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

SMALLEST_SAMPLE: Final = 3  # sites: of fewer, one with a trouble of its own would speak for all
PERCENT_TOLERATED: Final = 1  # of a ring's sites


class Ring(StrEnum):
    """What gets the migrations together, in order."""

    TEMPLATE = "template"
    CANARIES = "canaries"
    SAMPLE = "sample"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A site as the rings see it."""

    id: int
    uid: uuid.UUID
    is_canary: bool


def rings(sites: Iterable[Member], *, heads: str) -> dict[Ring, list[Member]]:
    """`sites` in the rings that hold any: the canaries, one per cent of the others, the rest.

    Which sites are the sample depends on `heads`, so that it is not the same customers who go first each time.
    """
    canaries: list[Member] = []
    others: list[Member] = []
    for site in sites:
        (canaries if site.is_canary else others).append(site)
    others.sort(key=lambda site: hashlib.sha256(heads.encode() + site.uid.bytes).digest())
    sample = max(-(-len(others) // 100), SMALLEST_SAMPLE)
    held = {Ring.CANARIES: canaries, Ring.SAMPLE: others[:sample], Ring.ALL: others[sample:]}
    return {ring: members for ring, members in held.items() if members}


def tolerated(ring: Ring, *, size: int) -> int:
    """How many sites of a ring may fail before the run stops: a site may have a trouble of its own, but a canary is
    there to be listened to."""
    if ring in {Ring.TEMPLATE, Ring.CANARIES}:
        return 0
    return max(1, size * PERCENT_TOLERATED // 100)
