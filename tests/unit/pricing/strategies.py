"""Random memberships, selections and scenarios for the property tests."""

import os
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import permutations, product

from hypothesis import settings
from hypothesis import strategies as st

from products.pricing import (
    Discount,
    HeldItem,
    HeldMembership,
    Interval,
    ItemType,
    OnUpgrade,
    Paid,
    Period,
    Policy,
    Scenario,
    Selection,
    Status,
    Unit,
    WantedItem,
    nth_period,
)

thorough = settings(max_examples=2000 if os.environ.get("CI") else 200, deadline=None)

PLANS = ("free", "basic", "pro", "plus")
PACKAGES = ("disk", "visits", "mail", "design")  # design is paid once, the others recur
PACKAGE_SETS = [chosen for size in range(4) for chosen in permutations(PACKAGES, size)]
RATES = [Decimal(rate) for rate in ("0", "9", "21", "8.875", "100")]
PERCENTS = [Decimal(percent) for percent in ("0", "12.5", "33.3333", "100")]
INTERVALS = [Interval(unit, count) for unit in Unit for count in (1, 2, 7, 12, 13)]

# few draws for each scenario, so that thousands of them are quick: independent small choices are drawn as one
minor = st.integers(0, 100_000) | st.sampled_from([0, 1, 10**12])
terms = st.sampled_from(list(product([0, 1999], [0, 14], RATES)))
instants = st.integers(0, 3 * 365 * 24 * 3600).map(
    lambda seconds: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)
intervals = st.sampled_from(INTERVALS)
policies = st.sampled_from(
    [
        Policy(on_upgrade=on_upgrade, prices_include_tax=included, minimum_charge=minimum, trial_used=used)
        for on_upgrade, included, minimum, used in product(
            OnUpgrade, [False, True], [0, 50, 1000], [False, True]
        )
    ]
)
currencies = st.sampled_from(["EUR", "JPY", "KWD"])


def discount(value: Decimal | int, terms: tuple[int | None, tuple[str, ...], bool]) -> Discount:
    periods_left, products, setup_fee = terms
    return Discount(
        code="CODE",
        percent=value if isinstance(value, Decimal) else None,
        amount=value if isinstance(value, int) else None,
        periods_left=periods_left,
        products=products,
        setup_fee=setup_fee,
    )


discounts = st.none() | st.builds(
    discount,
    st.sampled_from(PERCENTS) | st.integers(0, 20_000),
    st.sampled_from(list(product([None, 0, 1, 3], [(), ("pro",), ("disk", "basic")], [False, True]))),
)


@st.composite
def wanted_items(draw: st.DrawFn, prices: st.SearchStrategy[int] = minor) -> tuple[WantedItem, ...]:
    """A plan among some packages; a product always recurs or never does."""
    plan = draw(st.sampled_from(PLANS))
    items = []
    for code in (*draw(st.sampled_from(PACKAGE_SETS)), plan):
        setup_fee, trial_days, tax_rate = draw(terms)
        item = WantedItem(
            product=code,
            type=ItemType.PLAN if code == plan else ItemType.PACKAGE,
            rank=min(PLANS.index(code), 2) if code == plan else 0,
            recurring=code != "design",
            quantity=1 if code == plan else draw(st.integers(1, 3)),
            unit_price=0 if code == "free" else draw(prices),
            setup_fee=setup_fee,
            trial_days=trial_days if code == plan else 0,
            tax_rate=tax_rate,
        )
        items.append(item)
    return tuple(items)


selections = st.builds(Selection, interval=intervals, items=wanted_items(), discount=discounts)


@st.composite
def memberships(draw: st.DrawFn) -> HeldMembership:
    """A membership of any status; what was paid for it need not be its price."""
    status = draw(st.sampled_from([Status.ACTIVE] * 4 + list(Status)))
    interval, anchor = draw(intervals), draw(instants)
    in_trial = status == Status.TRIALING
    n = draw(st.integers(-1, 3))
    period = None if in_trial or n < 0 else nth_period(anchor, interval, n)
    return HeldMembership(
        status=status,
        interval=interval,
        period=period,
        anchor=anchor if period else None,
        trial_end=anchor + timedelta(days=14) if in_trial else None,
        wallet=draw(st.sampled_from([0, -49, 5000])),
        items=tuple([held_item(item, draw(payments), period) for item in draw(wanted_items())]),
        discount=draw(discounts),
    )


payments = st.lists(
    st.tuples(minor, st.sampled_from([0, 0.21]), st.sampled_from([0, 0.3, 0.999])), max_size=3
)


def held_item(item: WantedItem, paid: list[tuple[int, float, float]], period: Period | None) -> HeldItem:
    """The item as it is held, with payments (net, tax as a part of it, how far into the period)."""
    parts = []
    for net, tax, into in paid if period else []:
        assert period is not None
        start = period.start + (period.end - period.start) * into
        parts.append(Paid(net=net, tax=int(net * tax), start=start))
    return HeldItem(
        product=item.product,
        type=item.type,
        unit_price=item.unit_price,
        quantity=item.quantity,
        recurring=item.recurring,
        rank=item.rank,
        setup_fee=item.setup_fee,
        tax_rate=item.tax_rate,
        setup_fee_paid=item.setup_fee if len(paid) > 1 else 0,
        paid=tuple(parts),
    )


scenarios = st.builds(
    Scenario,
    as_of=instants,
    currency=currencies,
    policy=policies,
    membership=st.none() | memberships(),
    selection=selections,
)
