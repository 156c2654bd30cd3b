"""What a price is computed from: a membership as it is, a selection as it is wanted, and the seller's policy.

Amounts are integers of minor units in the one currency of the scenario. Instants are aware datetimes in UTC.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from products.pricing.period import Interval, Period


class ItemType(StrEnum):
    PLAN = "plan"
    PACKAGE = "package"
    SERVICE = "service"


class Status(StrEnum):
    PENDING = "pending"
    TRIALING = "trialing"
    ACTIVE = "active"
    PAST_DUE = "past_due"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


ENDED = (Status.CANCELLED, Status.EXPIRED)


class OnUpgrade(StrEnum):
    RESTART = "restart"
    KEEP_RENEWAL_DATE = "keep_renewal_date"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How the seller sells. `minimum_charge` is the smallest amount the gateway takes, in minor units."""

    on_upgrade: OnUpgrade = OnUpgrade.RESTART
    prices_include_tax: bool = False
    minimum_charge: int = 0
    trial_used: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Discount:
    """A discount code: a percentage of each eligible line or an amount off each order; one of them is set.

    `periods_left` None is for ever; no `products` means all; setup fees are reduced only with `setup_fee`.
    """

    code: str
    percent: Decimal | None = None
    amount: int | None = None
    periods_left: int | None = None
    products: tuple[str, ...] = ()
    setup_fee: bool = False

    @property
    def alive(self) -> bool:
        return self.periods_left is None or self.periods_left > 0

    def used_once(self) -> "Discount | None":
        """What is left of the code after one more full-price period; None when that was the last."""
        if self.periods_left is None:
            return self
        return replace(self, periods_left=self.periods_left - 1) if self.periods_left > 1 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A product at a price. `rank` is a plan's place in its group; the setup fee is not per unit."""

    product: str
    type: ItemType
    unit_price: int
    quantity: int = 1
    recurring: bool = True
    rank: int = 0
    setup_fee: int = 0
    tax_rate: Decimal = Decimal(0)

    @property
    def key(self) -> tuple[str, bool]:
        """What makes it the same item in two states: the product, bought once or recurring."""
        return self.product, self.recurring


AnyItem = TypeVar("AnyItem", bound=Item)


def plan_of(items: Iterable[AnyItem]) -> AnyItem:
    """The one item that is a plan. Raises LookupError without one."""
    for item in items:
        if item.type == ItemType.PLAN:
            return item
    raise LookupError("There is no plan.")


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceToCome:
    """Another unit price, for the periods that begin at `at` or later."""

    at: datetime
    unit_price: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedItem(Item):
    """An item of a selection. `trial_days` counts for plans only. `to_come` is a price that bills of renewals will ask;
    the first bill after a trial asks what the trial promised."""

    trial_days: int = 0
    to_come: PriceToCome | None = None

    def at_renewal(self, at: datetime) -> "WantedItem":
        """The item as a period that begins at `at` sells it."""
        if self.to_come is None or at < self.to_come.at:
            return self
        return replace(self, unit_price=self.to_come.unit_price, to_come=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """A payment for an item, from `start` to the end of the period, after discount; net and tax apart."""

    net: int
    tax: int
    start: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldItem(Item):
    """An item of a membership, with what was really paid for it for this period, in one part or several."""

    setup_fee_paid: int = 0
    paid: tuple[Paid, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldMembership:
    """A membership as it is. No period: free or in trial. The anchor is the period's start by default."""

    status: Status
    interval: Interval
    period: Period | None = None
    anchor: datetime | None = None
    trial_end: datetime | None = None
    wallet: int = 0
    items: tuple[HeldItem, ...] = ()
    discount: Discount | None = None

    def __post_init__(self) -> None:
        if self.anchor is None and self.period is not None:
            object.__setattr__(self, "anchor", self.period.start)

    @property
    def plan(self) -> HeldItem:
        return plan_of(self.items)

    @property
    def in_trial(self) -> bool:
        return self.status == Status.TRIALING

    @property
    def paid_period(self) -> Period | None:
        return None if self.in_trial else self.period

    @property
    def lasting_items(self) -> tuple[HeldItem, ...]:
        """What a change builds on: of an ended membership what was bought for good, of a pending one none."""
        if self.status == Status.PENDING:
            return ()
        if self.status in ENDED:
            return tuple(item for item in self.items if not item.recurring)
        return self.items


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The complete wanted state. One-off items bought before may be left out; that changes nothing."""

    interval: Interval
    items: tuple[WantedItem, ...]
    discount: Discount | None = None

    @property
    def plan(self) -> WantedItem:
        return plan_of(self.items)

    def at_renewal(self, at: datetime) -> "Selection":
        """The selection as a period that begins at `at` sells it."""
        if all(item.to_come is None for item in self.items):
            return self
        return replace(self, items=tuple([item.at_renewal(at) for item in self.items]))
