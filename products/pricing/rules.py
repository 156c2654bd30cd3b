"""What a scenario must obey before it has a price. A broken rule says which, why and where."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

from products.pricing.facts import (
    Discount,
    HeldItem,
    HeldMembership,
    Item,
    ItemType,
    Policy,
    ScenarioError,
    Selection,
    Status,
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
    _amount(policy.minimum_charge, "policy.minimum_charge")
    if membership is not None:
        _membership(membership)
    _interval(selection.interval, "selection.interval")
    _items(selection.items, "selection.items", plan_required=True)
    for n, item in enumerate(selection.items):
        _between(item.trial_days, 0, MAX_TRIAL_DAYS, f"selection.items[{n}].trial_days")
    _discount(selection.discount, "selection.discount")


def _membership(membership: HeldMembership) -> None:
    _interval(membership.interval, "membership.interval")
    if membership.period is not None:
        _period(membership.period, "membership.period")
    if membership.anchor is not None:
        _instant(membership.anchor, "membership.anchor")
        if membership.period is not None and membership.anchor > membership.period.start:
            raise ScenarioError(
                "end_before_start", "The anchor may not lie after the period's start.", "membership.anchor"
            )
    if membership.trial_end is not None:
        _instant(membership.trial_end, "membership.trial_end")
    elif membership.in_trial:
        raise ScenarioError("missing_key", "A membership in trial has a trial end.", "membership.trial_end")
    _between(membership.wallet, -MAX_TOTAL, MAX_TOTAL, "membership.wallet")
    going_on = membership.status in {Status.TRIALING, Status.ACTIVE, Status.PAST_DUE}
    _items(membership.items, "membership.items", plan_required=going_on)
    for n, item in enumerate(membership.items):
        _payments(item, membership.period, f"membership.items[{n}]")
    _discount(membership.discount, "membership.discount")


def _items(items: Sequence[Item], path: str, *, plan_required: bool) -> None:
    plans = 0
    for n, item in enumerate(items):
        is_plan = item.type == ItemType.PLAN
        plans += is_plan
        _item(item, f"{path}[{n}]")
        if is_plan and plans > 1:
            raise ScenarioError("two_plans", "There may be only one plan.", f"{path}[{n}]")
    if plan_required and not plans:
        raise ScenarioError("no_plan", "There must be a plan.", path)
    if len({item.key for item in items}) < len(items):
        times = Counter(item.key for item in items)
        n = max(n for n, item in enumerate(items) if times[item.key] > 1)
        message = f"{items[n].product!r} is in the list twice; give it once, with its quantity."
        raise ScenarioError("duplicate_product", message, f"{path}[{n}].product")


def _item(item: Item, path: str) -> None:
    if not item.product:
        raise ScenarioError("bad_value", "A product has a name.", f"{path}.product")
    if item.quantity < 1 or item.quantity > MAX_QUANTITY:
        raise ScenarioError(
            "bad_quantity", f"A quantity lies between 1 and {MAX_QUANTITY}.", f"{path}.quantity"
        )
    if item.type == ItemType.PLAN and item.quantity != 1:
        raise ScenarioError("bad_quantity", "There is one of a plan.", f"{path}.quantity")
    _price(item.unit_price, f"{path}.unit_price")
    _price(item.setup_fee, f"{path}.setup_fee")
    _between(item.rank, 0, MAX_AMOUNT, f"{path}.rank")
    _percentage(item.tax_rate, f"{path}.tax_rate")


def _payments(item: HeldItem, period: Period | None, path: str) -> None:
    _amount(item.setup_fee_paid, f"{path}.setup_fee_paid")
    for n, part in enumerate(item.paid):
        _amount(part.net, f"{path}.paid_parts[{n}].net", highest=MAX_TOTAL)
        _amount(part.tax, f"{path}.paid_parts[{n}].tax", highest=MAX_TOTAL)
        _instant(part.start, f"{path}.paid_parts[{n}].from")
        if item.recurring and period is not None and part.start not in period:
            message = "A payment for the period starts within the period."
            raise ScenarioError("out_of_range", message, f"{path}.paid_parts[{n}].from")


def _discount(discount: Discount | None, path: str) -> None:
    if discount is None:
        return
    if not discount.code:
        raise ScenarioError("bad_value", "A discount has a code.", f"{path}.code")
    if (discount.percent is None) == (discount.amount is None):
        raise ScenarioError("bad_value", "A discount is either a percentage or an amount.", path)
    if discount.percent is not None:
        _percentage(discount.percent, f"{path}.percent")
    if discount.amount is not None:
        _amount(discount.amount, f"{path}.amount")
    if discount.periods_left is not None:
        _between(discount.periods_left, 0, MAX_AMOUNT, f"{path}.periods_left")


def _interval(interval: Interval, path: str) -> None:
    _between(interval.count, 1, MAX_COUNT, f"{path}.count")


def _period(period: Period, path: str) -> None:
    _instant(period.start, f"{path}.start")
    _instant(period.end, f"{path}.end")
    if period.end <= period.start:
        raise ScenarioError("end_before_start", "A period ends after it starts.", f"{path}.end")


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
    _between(amount, 0, MAX_AMOUNT, path)


def _amount(amount: int, path: str, *, highest: int = MAX_AMOUNT) -> None:
    if amount < 0:
        raise ScenarioError("negative_amount", "This amount is 0 or more.", path)
    _between(amount, 0, highest, path)


def _percentage(percentage: Decimal, path: str) -> None:
    if not percentage.is_finite() or not 0 <= percentage <= 100:  # noqa: PLR2004 - a hundred per cent
        raise ScenarioError("out_of_range", "A percentage lies between 0 and 100.", path)
    exponent = percentage.as_tuple().exponent
    if isinstance(exponent, int) and -exponent > MAX_DECIMALS:
        raise ScenarioError("out_of_range", f"A percentage has at most {MAX_DECIMALS} decimals.", path)


def _between(number: int, lowest: int, highest: int, path: str) -> None:
    if not lowest <= number <= highest:
        message = f"This lies between {lowest} and {highest}."
        raise ScenarioError("out_of_range", message, path)
