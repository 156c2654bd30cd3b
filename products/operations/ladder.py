"""Who can go where within a family of plans, and what is wrong with it. No queries: plans come with their prices."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from products.models import Product


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """Where the members of a plan may go.

    `by_price` are the plans of the same rank: which way those are, the price per day decides.
    """

    plan: Product
    up: tuple[Product, ...]
    down: tuple[Product, ...]
    by_price: tuple[Product, ...]


def ladder(family: Sequence[Product]) -> list[Rung]:
    """Who can go where within one family, highest rank first. Nobody can go to a plan that is not sold."""
    offered = [plan for plan in family if plan.is_active]
    return [
        Rung(
            plan=plan,
            up=tuple(other for other in offered if other.rank > plan.rank),
            down=tuple(other for other in offered if other.rank < plan.rank),
            by_price=tuple(other for other in offered if other.rank == plan.rank and other.pk != plan.pk),
        )
        for plan in sorted(family, key=lambda plan: (-plan.rank, plan.name))
    ]


class Trouble(StrEnum):
    NO_PRICE = "no_price"  # it is offered, and cannot be bought
    NO_WAY_OUT = "no_way_out"  # its members can change to no other plan
    NO_WAY_IN = "no_way_in"  # members of no other plan can change to it


def troubles(family: Sequence[Product]) -> list[tuple[Product, Trouble]]:
    """The plans that nobody can take, leave or reach, highest rank first. A plan that is not sold need not be reached;
    of a plan without a price that is all there is to say. The plans' `prices` have been read."""
    ranked = sorted(family, key=lambda plan: (-plan.rank, plan.name))
    return [(plan, trouble) for plan in ranked for trouble in _troubles(plan, family)]


def can_go(plan: Product, other: Product) -> bool:
    """Whether members of `plan` can change to `other`, which is of its family: it is sold, in a currency of theirs."""
    return plan.pk != other.pk and other.is_active and bool(_paid_in(plan) & _sold_in(other))


def _troubles(plan: Product, family: Sequence[Product]) -> Iterator[Trouble]:
    if plan.is_active and not _sold_in(plan):
        yield Trouble.NO_PRICE
        return
    if not any(can_go(plan, other) for other in family):
        yield Trouble.NO_WAY_OUT
    if plan.is_active and not any(can_go(other, plan) for other in family):
        yield Trouble.NO_WAY_IN


def _sold_in(plan: Product) -> set[str]:
    return {price.currency for price in plan.prices.all() if price.superseded_at is None}


def _paid_in(plan: Product) -> set[str]:
    """Members may have a price that is not sold any more."""
    return {price.currency for price in plan.prices.all()}
