"""What is asked for, before discount and tax: charges for items, in full or prorated, and setup fees."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction

from products.pricing.facts import HeldItem, HeldMembership, Item, ItemType, Selection
from products.pricing.rounding import WHOLE, portion

Quantities = Mapping[tuple[str, bool], int]
"""How many there are of an item, by its key."""

SettledFees = Mapping[str, int | None]
"""How much of a product's setup fee is not asked again, by product; None is all of it."""


class LineType(StrEnum):
    CHARGE = "charge"
    SETUP_FEE = "setup_fee"
    CREDIT = "credit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """An amount asked for an item.

    `share` is the part of the period that it pays for; `settled` is what was taken from a setup fee.
    """

    type: LineType
    item: Item
    quantity: int
    gross: int
    share: Fraction = WHOLE
    settled: int = 0


def item_charges(items: Iterable[Item], *, owned: Quantities, share: Fraction = WHOLE) -> Iterator[Charge]:
    """A charge for each item not owned: recurring items for a share of the period, one-off items in full."""
    for item in items:
        quantity = item.quantity - owned.get(item.key, 0)
        if quantity <= 0:
            continue
        item_share = share if item.recurring else WHOLE
        gross = portion(item.unit_price * quantity, item_share)
        if gross:
            yield Charge(type=LineType.CHARGE, item=item, quantity=quantity, gross=gross, share=item_share)


def setup_fees(items: Iterable[Item], *, settled: SettledFees) -> Iterator[Charge]:
    """The setup fees that have not been settled, once for each product."""
    for item in items:
        paid = settled.get(item.product, 0)
        if paid is not None and item.setup_fee > paid:
            gross = item.setup_fee - paid
            yield Charge(type=LineType.SETUP_FEE, item=item, quantity=1, gross=gross, settled=paid)


def charges_at_period_end(selection: Selection, held: Sequence[Item]) -> tuple[Charge, ...]:
    """What is asked when the period ends and the selection goes on from what is held.

    All that recurs in full, and what is new with its setup fee; a plan that follows by then asks none.
    """
    owned = quantities(item for item in held if not item.recurring)
    settled = dict.fromkeys([selection.plan.product, *[item.product for item in held]])
    return (*item_charges(selection.items, owned=owned), *setup_fees(selection.items, settled=settled))


def charges_at_trial_end(selection: Selection, membership: HeldMembership | None) -> tuple[Charge, ...]:
    """What is asked when the trial ends: everything, setup fees included, but for what was paid during it."""
    if membership is None or not membership.in_trial:
        return (*item_charges(selection.items, owned={}), *setup_fees(selection.items, settled={}))
    items = wanted_items(selection, membership.items)
    fees = setup_fees(items, settled=settled_fees(membership, selection.plan))
    return (*item_charges(items, owned=bought(membership)), *fees)


def wanted_items(
    selection: Selection, held: tuple[HeldItem, ...], *, keep_recurring: bool = False
) -> tuple[Item, ...]:
    """The items of the wanted state: the selection's, then those bought for good that it does not repeat.

    With `keep_recurring` nothing that is held is given up: the state before removals. A plan is never kept
    beside the selection's, even if it was bought for good.
    """
    kept = {
        item.key: item
        for item in held
        if (keep_recurring or not item.recurring) and item.type != ItemType.PLAN
    }
    if not kept:
        return selection.items
    items: list[Item] = []
    for item in selection.items:
        before = kept.pop(item.key, None)
        more_before = before is not None and before.quantity > item.quantity
        items.append(replace(item, quantity=before.quantity) if before is not None and more_before else item)
    return (*items, *kept.values())


def quantities(items: Iterable[Item]) -> Quantities:
    return {item.key: item.quantity for item in items}


def bought(membership: HeldMembership) -> Quantities:
    """The one-off items that are the customer's for good; what came with a trial is not paid for yet."""
    return quantities(
        item for item in membership.items if not item.recurring and (item.paid or not membership.in_trial)
    )


def settled_fees(membership: HeldMembership, plan: Item) -> SettledFees:
    """Of the plan: what was paid for the old one. Of other items: all, if held and not in a trial."""
    fees: dict[str, int | None] = {
        item.product: item.setup_fee_paid if membership.in_trial else None for item in membership.items
    }
    fees[plan.product] = membership.plan.setup_fee_paid
    return fees
