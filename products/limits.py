"""What a product allows, as values that add up: plan + package × quantity + overrides.

Pure. An amount is a whole number in the kind's unit; `None` means unlimited, never 0. A kind that is not
mentioned is not allowed at all. A switch (a feature) is a kind whose only amounts are "not mentioned" and unlimited.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Self


class Unit(StrEnum):
    COUNT = "count"
    BYTES = "bytes"
    PER_MONTH = "per_month"
    SWITCH = "switch"


class Scope(StrEnum):
    SITE = "site"  # each site of the membership may use the amount
    MEMBERSHIP = "membership"  # all sites of the membership together


class Kind(StrEnum):
    """Everything that can be limited. Adding one: a line here, a line in `UNITS`, a counter in `sites.entitlements`."""

    SITES = "sites"
    POSTS = "posts"
    PAGES = "pages"
    DISK = "disk"
    VISITS = "visits"
    USERS = "users"
    DOMAINS = "domains"
    CUSTOM_CSS = "custom_css"
    CONTACT_FORMS = "contact_forms"
    NO_FOOTER_CREDIT = "no_footer_credit"

    @property
    def unit(self) -> Unit:
        return UNITS[self]

    @property
    def scope(self) -> Scope:
        return Scope.MEMBERSHIP if self == Kind.SITES else Scope.SITE

    @property
    def is_switch(self) -> bool:
        return self.unit == Unit.SWITCH


UNITS: Mapping[Kind, Unit] = MappingProxyType(
    {
        Kind.SITES: Unit.COUNT,
        Kind.POSTS: Unit.COUNT,
        Kind.PAGES: Unit.COUNT,
        Kind.DISK: Unit.BYTES,
        Kind.VISITS: Unit.PER_MONTH,
        Kind.USERS: Unit.COUNT,
        Kind.DOMAINS: Unit.COUNT,
        Kind.CUSTOM_CSS: Unit.SWITCH,
        Kind.CONTACT_FORMS: Unit.SWITCH,
        Kind.NO_FOOTER_CREDIT: Unit.SWITCH,
    }
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What may be used, per kind. Immutable; `a + b` is what two products together allow."""

    amounts: Mapping[Kind, int | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for kind, amount in self.amounts.items():
            if amount is not None and amount < 0:
                raise ValueError(
                    f"The limit of {kind} is {amount}; a limit is 0 or more, or None for unlimited."
                )
        object.__setattr__(self, "amounts", MappingProxyType(dict(self.amounts)))

    def __getitem__(self, kind: Kind) -> int | None:
        """The amount of `kind`, `None` for unlimited. A kind not mentioned answers 0."""
        return self.amounts.get(kind, 0)

    def __iter__(self) -> Iterator[Kind]:
        return iter(self.amounts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Limits) and all(self[kind] == other[kind] for kind in Kind)

    def __hash__(self) -> int:
        return hash(tuple(self[kind] for kind in Kind))

    def __add__(self, other: Self) -> "Limits":
        return Limits({kind: _sum(self[kind], other[kind]) for kind in {*self.amounts, *other.amounts}})

    def __mul__(self, quantity: int) -> "Limits":
        if quantity < 0:
            raise ValueError(f"A quantity is 0 or more, this is {quantity}.")
        if quantity == 0:
            return Limits()
        return Limits(
            {kind: None if amount is None else amount * quantity for kind, amount in self.amounts.items()}
        )

    def allows(self, kind: Kind, *, used: int = 0, more: int = 1) -> bool:
        """Whether `more` can be added to `used`. A switch is asked without `used`."""
        amount = self[kind]
        return amount is None or used + more <= amount

    def to_json(self) -> dict[str, int | None]:
        return {kind.value: amount for kind, amount in sorted(self.amounts.items())}

    @classmethod
    def from_json(cls, stored: Mapping[str, int | None]) -> Self:
        """Read what `to_json` wrote. Kinds that no longer exist are left out."""
        known = {kind.value for kind in Kind}
        return cls({Kind(name): amount for name, amount in stored.items() if name in known})


def is_near(*, used: int, allowed: int) -> bool:
    """Whether 80 % of what is allowed is used: from here on people are told."""
    return used > 0 and used >= allowed - allowed // 5


def _sum(left: int | None, right: int | None) -> int | None:
    return None if left is None or right is None else left + right
