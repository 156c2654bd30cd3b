"""What becomes of what a site holds beyond its limits, and who stays. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Policy(StrEnum):
    KEEP = "keep"  # everything stays, nothing new is made
    PARK = "park"  # what is too much is put away, unseen and unchanged, until there is room
    BLOCK = "block"  # everything stays, and visitors see a notice


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing that takes a place: `key` tells it from others of its kind, `name` is what people call it.

    What helps to tell it apart, where its kind has it: the day it bears, its size in bytes, whether visitors do not
    see it yet; and of a name on the internet, whether it led here when it was last looked at.
    """

    key: str
    name: str
    is_parked: bool = False
    is_draft: bool = False
    dated: date | None = None
    size: int | None = None
    leads_here: bool = False


def who_stays(
    items: Sequence[Item], *, allowed: int | None, chosen: Collection[str], restore: bool
) -> frozenset[str]:
    """The keys of those for whom there is room; `items` come in the order in which they are to stay.

    Whom the customer chose goes first, then who is there, then who is parked. Without `restore` nobody who is parked
    comes back.
    """
    asked = [item for item in items if restore or not item.is_parked]
    ranked = sorted(asked, key=lambda item: (item.key not in chosen, item.is_parked))
    return frozenset(item.key for item in ranked[:allowed])
