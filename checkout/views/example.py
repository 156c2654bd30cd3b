"""An upgrade as a member would see it, for those who are none yet."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, Final

from checkout.views.prices import price_table
from products import pricing
from products.models import Price, Product
from products.pricing import Interval, Unit

MONTH: Final = Interval(unit=Unit.MONTH, count=1)
MARCH_1, MARCH_17, APRIL_1 = (datetime(2026, *day, tzinfo=UTC) for day in ((3, 1), (3, 17), (4, 1)))


def example_upgrade(plans: Sequence[Product], prices: Mapping[int, Sequence[Price]]) -> dict[str, Any] | None:
    """An upgrade in the middle of a month from one paid plan to the next of its group, priced as it would be. None when
    no group has two such plans."""
    paid = [
        (plan, price)
        for plan in plans
        for price in prices[plan.pk]
        if plan.group and _is_monthly(price) and price.amount and not price.setup_fee
    ]
    pairs = (
        (low, high)
        for low, high in pairwise(paid)
        if low[0].group == high[0].group and low[1].amount < high[1].amount
    )
    pair = next(pairs, None)
    if pair is None:
        return None
    (old, old_price), (new, new_price) = pair
    asked = _upgrade(old, old_price, new, new_price)
    names = {old.code: old.name, new.code: new.name}
    return {
        "old": old.name,
        "new": new.name,
        "price": price_table(asked=asked, price=pricing.quote(asked), names=names),
    }


def _is_monthly(price: Price) -> bool:
    return (price.interval_unit, price.interval_count) == (Price.Unit.MONTH, 1)


def _upgrade(old: Product, old_price: Price, new: Product, new_price: Price) -> pricing.Scenario:
    held = pricing.HeldItem(
        product=old.code,
        type=pricing.ItemType.PLAN,
        rank=0,
        unit_price=old_price.amount,
        paid=(pricing.Paid(net=old_price.amount, tax=0, start=MARCH_1),),
    )
    wanted = pricing.WantedItem(
        product=new.code, type=pricing.ItemType.PLAN, rank=1, unit_price=new_price.amount
    )
    return pricing.Scenario(
        as_of=MARCH_17,
        currency=new_price.currency,
        policy=pricing.Policy(),
        membership=pricing.HeldMembership(
            status=pricing.Status.ACTIVE,
            interval=MONTH,
            period=pricing.Period(start=MARCH_1, end=APRIL_1),
            items=(held,),
        ),
        selection=pricing.Selection(interval=MONTH, items=(wanted,)),
    )
