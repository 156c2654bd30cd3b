"""What a scenario must obey before it has a price. A broken rule says which, why and where."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial

from products.pricing.errors import ScenarioError, within
from products.pricing.facts import (
    Discount,
    HeldItem,
    HeldMembership,
    Item,
    ItemType,
    Paid,
    Policy,
    PriceToCome,
    Selection,
    Status,
    WantedItem,
)
from products.pricing.money import DECIMALS
from products.pricing.period import Interval, Period

MAX_AMOUNT = 10**12
MAX_TOTAL = 10**18
MAX_QUANTITY = 10**6
MAX_COUNT = 1000
MAX_TRIAL_DAYS = 3660
MAX_DECIMALS = 6
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(3000, 1, 1, tzinfo=UTC)


def check(
    *, as_of: datetime, currency: str, policy: Policy, membership: HeldMembership | None, selection: Selection
) -> None:
    """Raise the ScenarioError of the first rule that is broken."""
    _instant(as_of, "as_of")
    if currency not in DECIMALS:
        raise ScenarioError("unknown_currency", f"{currency!r} is not a currency of ISO 4217.", "currency")
    within("policy", _policy, policy)
    if membership is not None:
        within("membership", _membership, membership)
    within("selection", _selection, selection)


def check_discount(discount: Discount) -> None:
    """Raise the ScenarioError of the first rule that a discount breaks."""
    if not discount.code:
        raise ScenarioError("bad_value", "A discount has a code.", "code")
    if (discount.percent is None) == (discount.amount is None):
        raise ScenarioError("bad_value", "A discount is either a percentage or an amount.")
    if discount.percent is not None:
        _percentage(discount.percent, "percent")
    if discount.amount is not None:
        _amount(discount.amount, "amount")
    if discount.periods_left is not None:
        _between(discount.periods_left, 0, MAX_AMOUNT, "periods_left")


def _policy(policy: Policy) -> None:
    _amount(policy.minimum_charge, "minimum_charge")


def _membership(membership: HeldMembership) -> None:
    period = membership.period
    within("interval", _interval, membership.interval)
    if period is not None:
        within("period", _period, period)
    if membership.anchor is not None:
        _instant(membership.anchor, "anchor")
        if period is not None and membership.anchor > period.start:
            message = "The anchor may not lie after the period's start."
            raise ScenarioError("end_before_start", message, "anchor")
    if membership.trial_end is not None:
        _instant(membership.trial_end, "trial_end")
    elif membership.in_trial:
        raise ScenarioError("missing_key", "A membership in trial has a trial end.", "trial_end")
    _between(membership.wallet, -MAX_TOTAL, MAX_TOTAL, "wallet")
    held_item = partial(_held_item, period=period)
    for n, item in enumerate(membership.items):
        within(f"items[{n}]", held_item, item)
    goes_on = membership.status in {Status.TRIALING, Status.ACTIVE, Status.PAST_DUE}
    _together(membership.items, plan_required=goes_on)
    if membership.discount is not None:
        within("discount", check_discount, membership.discount)


def _selection(selection: Selection) -> None:
    within("interval", _interval, selection.interval)
    for n, item in enumerate(selection.items):
        within(f"items[{n}]", _wanted_item, item)
    _together(selection.items, plan_required=True)
    if selection.discount is not None:
        within("discount", check_discount, selection.discount)


def _together(items: Sequence[Item], *, plan_required: bool) -> None:
    """One plan at most, and no item twice."""
    plans = [n for n, item in enumerate(items) if item.type == ItemType.PLAN]
    if len(plans) > 1:
        raise ScenarioError("two_plans", "There may be only one plan.", f"items[{plans[1]}]")
    if plan_required and not plans:
        raise ScenarioError("no_plan", "There must be a plan.", "items")
    if len({item.key for item in items}) < len(items):
        times = Counter(item.key for item in items)
        n = max(n for n, item in enumerate(items) if times[item.key] > 1)
        message = f"{items[n].product!r} is in the list twice; give it once, with its quantity."
        raise ScenarioError("duplicate_product", message, f"items[{n}].product")


def _wanted_item(item: WantedItem) -> None:
    _item(item)
    _between(item.trial_days, 0, MAX_TRIAL_DAYS, "trial_days")
    if item.to_come is not None:
        within("to_come", _price_to_come, item.to_come)


def _price_to_come(price: PriceToCome) -> None:
    _instant(price.at, "at")
    _price(price.unit_price, "unit_price")


def _held_item(item: HeldItem, *, period: Period | None) -> None:
    _item(item)
    _amount(item.setup_fee_paid, "setup_fee_paid")
    paid = partial(_paid, period=period if item.recurring else None)
    for n, part in enumerate(item.paid):
        within(f"paid_parts[{n}]", paid, part)


def _item(item: Item) -> None:
    if not item.product:
        raise ScenarioError("bad_value", "A product has a name.", "product")
    if not 1 <= item.quantity <= MAX_QUANTITY:
        raise ScenarioError("bad_quantity", f"A quantity lies between 1 and {MAX_QUANTITY}.", "quantity")
    if item.quantity > 1 and item.type == ItemType.PLAN:
        raise ScenarioError("bad_quantity", "There is one of a plan.", "quantity")
    _price(item.unit_price, "unit_price")
    _price(item.setup_fee, "setup_fee")
    _between(item.rank, 0, MAX_AMOUNT, "rank")
    _percentage(item.tax_rate, "tax_rate")


def _paid(part: Paid, *, period: Period | None) -> None:
    _amount(part.net, "net", highest=MAX_TOTAL)
    _amount(part.tax, "tax", highest=MAX_TOTAL)
    _instant(part.start, "from")
    if period is not None and part.start not in period:
        raise ScenarioError("out_of_range", "A payment for the period starts within the period.", "from")


def _interval(interval: Interval) -> None:
    _between(interval.count, 1, MAX_COUNT, "count")


def _period(period: Period) -> None:
    _instant(period.start, "start")
    _instant(period.end, "end")
    if period.end <= period.start:
        raise ScenarioError("end_before_start", "A period ends after it starts.", "end")


def _instant(at: datetime, path: str) -> None:
    if at.tzinfo is not UTC:
        offset = at.utcoffset()
        if offset is None:
            raise ScenarioError("naive_datetime", "A time needs its zone, for example Z for UTC.", path)
        if offset:
            raise ScenarioError("bad_value", "Times are in UTC here.", path)
    if not EARLIEST <= at < LATEST:
        raise ScenarioError("out_of_range", "A time lies between the years 1970 and 2999.", path)


def _price(amount: int, path: str) -> None:
    if amount < 0:
        raise ScenarioError("negative_price", "A price is 0 or more.", path)
    if amount > MAX_AMOUNT:
        raise ScenarioError("out_of_range", f"A price is at most {MAX_AMOUNT}.", path)


def _amount(amount: int, path: str, *, highest: int = MAX_AMOUNT) -> None:
    if amount < 0:
        raise ScenarioError("negative_amount", "This amount is 0 or more.", path)
    if amount > highest:
        raise ScenarioError("out_of_range", f"This amount is at most {highest}.", path)


def _percentage(percentage: Decimal, path: str) -> None:
    if not percentage.is_finite() or not 0 <= percentage <= 100:  # noqa: PLR2004 - a hundred per cent
        raise ScenarioError("out_of_range", "A percentage lies between 0 and 100.", path)
    _, denominator = percentage.as_integer_ratio()
    if 10**MAX_DECIMALS % denominator:
        raise ScenarioError("out_of_range", f"A percentage has at most {MAX_DECIMALS} decimals.", path)


def _between(number: int, lowest: int, highest: int, path: str) -> None:
    if not lowest <= number <= highest:
        message = f"This lies between {lowest} and {highest}."
        raise ScenarioError("out_of_range", message, path)
