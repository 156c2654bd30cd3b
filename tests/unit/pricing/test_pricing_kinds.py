"""Which way is it? Every row of the table, with when it takes effect and what it costs now."""

import pytest

from products.pricing import (
    Effective,
    Interval,
    ItemType,
    Kind,
    OnUpgrade,
    Status,
    Unit,
    quote,
    quote_to_json,
)
from tests.unit.pricing.cases import (
    APR_1,
    MAR_17,
    MONTH,
    YEAR,
    change,
    free_member,
    held,
    member,
    nothing,
    trial_member,
    wanted,
)

BASIC, PRO = held("basic", 3000), held("pro", 9000)
NOW, PERIOD_END, BOTH = (Effective.NOW, MAR_17), (Effective.PERIOD_END, APR_1), (Effective.BOTH, MAR_17)
QUARTER = Interval(Unit.MONTH, 3)

ROWS = {
    # new and trial
    "nobody takes a plan": (change(None, wanted("pro", 9000)), Kind.NEW, NOW, 9000),
    "a pending membership takes a plan": (
        change(member(BASIC, status=Status.PENDING, period=None), wanted("pro", 9000)),
        *(Kind.NEW, NOW, 9000),
    ),
    "nobody takes a plan with trial days": (
        change(None, wanted("pro", 9000, trial_days=14)),
        *(Kind.TRIAL, NOW, 0),
    ),
    "a pending membership takes a plan with trial days": (
        change(member(BASIC, status=Status.PENDING, period=None), wanted("pro", 9000, trial_days=14)),
        *(Kind.TRIAL, NOW, 0),
    ),
    "somebody who had a trial takes a plan with trial days": (
        change(None, wanted("pro", 9000, trial_days=14), trial_used=True),
        *(Kind.NEW, NOW, 9000),
    ),
    # coming back
    "a cancelled membership takes a plan": (
        change(member(BASIC, status=Status.CANCELLED), wanted("basic", 3000)),
        *(Kind.REACTIVATION, NOW, 3000),
    ),
    "an expired membership takes a plan with trial days": (
        change(member(BASIC, status=Status.EXPIRED), wanted("pro", 9000, trial_days=14)),
        *(Kind.REACTIVATION, NOW, 9000),
    ),
    # up
    "higher rank": (change(member(BASIC), wanted("pro", 9000)), Kind.UPGRADE, NOW, 7548),
    "higher rank, shorter interval": (
        change(member(BASIC, interval=QUARTER), wanted("pro", 9000)),
        *(Kind.UPGRADE, NOW, 7548),
    ),
    "higher rank at a lower price": (change(member(BASIC), wanted("pro", 100)), Kind.UPGRADE, NOW, 0),
    "same plan, longer interval": (
        change(member(BASIC), wanted("basic", 30000), interval=YEAR),
        *(Kind.UPGRADE, NOW, 28548),
    ),
    "same plan, from 28 days to a month": (
        change(member(BASIC, interval=Interval(Unit.DAY, 28)), wanted("basic", 3000)),
        *(Kind.UPGRADE, NOW, 1548),
    ),
    "same rank at the same price per day": (
        change(member(BASIC), wanted("other", 3000, type=ItemType.PLAN, rank=1)),
        *(Kind.UPGRADE, NOW, 1548),
    ),
    "same rank, dearer per day": (
        change(member(BASIC), wanted("other", 36001, type=ItemType.PLAN, rank=1), interval=YEAR),
        *(Kind.UPGRADE, NOW, 34549),
    ),
    # down
    "lower rank": (change(member(PRO), wanted("basic", 3000)), Kind.DOWNGRADE, PERIOD_END, 0),
    "lower rank, longer interval": (
        change(member(PRO), wanted("basic", 300000), interval=YEAR),
        *(Kind.DOWNGRADE, PERIOD_END, 0),
    ),
    "same plan, shorter interval": (
        change(member(BASIC, interval=YEAR), wanted("basic", 3000)),
        *(Kind.DOWNGRADE, PERIOD_END, 0),
    ),
    "same rank, cheaper per day": (
        change(member(BASIC), wanted("other", 35999, type=ItemType.PLAN, rank=1), interval=YEAR),
        *(Kind.DOWNGRADE, PERIOD_END, 0),
    ),
    "lower rank from a membership without a period": (
        change(free_member(held("pro", 0)), wanted("basic", 3000)),
        *(Kind.UPGRADE, NOW, 3000),
    ),
    "shorter interval without a period": (
        change(free_member(interval=YEAR), wanted("free", 0), wanted("disk", 500)),
        *(Kind.UPGRADE, NOW, 500),
    ),
    # beside the plan
    "more packages": (
        change(member(BASIC), wanted("basic", 3000), wanted("disk", 500)),
        *(Kind.ADDON, NOW, 242),
    ),
    "more of a package": (
        change(member(BASIC, held("disk", 500)), wanted("basic", 3000), wanted("disk", 500, quantity=3)),
        *(Kind.ADDON, NOW, 484),
    ),
    "a service, paid once": (
        change(
            member(BASIC),
            *(wanted("basic", 3000), wanted("design", 20000, type=ItemType.SERVICE, recurring=False)),
        ),
        *(Kind.ADDON, NOW, 20000),
    ),
    "fewer packages": (
        change(member(BASIC, held("disk", 500)), wanted("basic", 3000)),
        *(Kind.REMOVAL, PERIOD_END, 0),
    ),
    "fewer of a package": (
        change(member(BASIC, held("disk", 500, quantity=3)), wanted("basic", 3000), wanted("disk", 500)),
        *(Kind.REMOVAL, PERIOD_END, 0),
    ),
    "fewer packages without a period": (
        change(free_member(held("free", 0), held("gift", 0)), wanted("free", 0)),
        *(Kind.REMOVAL, NOW, 0),
    ),
    "one package for another": (
        change(member(BASIC, held("disk", 500)), wanted("basic", 3000), wanted("visits", 1000)),
        *(Kind.MIXED, BOTH, 484),
    ),
    "one package for another without a period": (
        change(free_member(held("free", 0), held("gift", 0)), wanted("free", 0), wanted("disk", 500)),
        *(Kind.MIXED, NOW, 500),
    ),
    # in a trial
    "another plan with trial days": (
        change(trial_member(PRO), wanted("basic", 3000, trial_days=7)),
        *(Kind.TRIAL_CHANGE, NOW, 0),
    ),
    "more packages in a trial": (
        change(trial_member(BASIC), wanted("basic", 3000), wanted("disk", 500)),
        *(Kind.TRIAL_CHANGE, NOW, 0),
    ),
    "fewer packages in a trial": (
        change(trial_member(BASIC, held("disk", 500)), wanted("basic", 3000)),
        *(Kind.TRIAL_CHANGE, NOW, 0),
    ),
    "another interval with trial days": (
        change(trial_member(BASIC), wanted("basic", 30000, trial_days=7), interval=YEAR),
        *(Kind.TRIAL_CHANGE, NOW, 0),
    ),
    "a plan without trial days in a trial": (
        change(trial_member(PRO), wanted("basic", 3000)),
        *(Kind.UPGRADE, NOW, 3000),
    ),
    "a plan without trial days in a trial, whatever the policy": (
        change(trial_member(PRO), wanted("basic", 3000), on_upgrade=OnUpgrade.KEEP_RENEWAL_DATE),
        *(Kind.UPGRADE, NOW, 3000),
    ),
}


@pytest.mark.parametrize("row", ROWS)
def test_a_change_goes_the_way_of_its_row(row):
    scenario, kind, (effective, effective_at), due_now = ROWS[row]
    priced = quote(scenario)
    assert (priced.kind, priced.effective, priced.effective_at) == (kind, effective, effective_at)
    assert priced.due_now == due_now


@pytest.mark.parametrize(
    "item", [wanted("basic", 3000), wanted("pro", 9000), wanted("free", 0)], ids=lambda item: item.product
)
def test_a_membership_with_an_open_invoice_is_blocked_whatever_is_wanted(item):
    priced = quote(change(member(BASIC, status=Status.PAST_DUE), item))
    assert quote_to_json(priced) == nothing("blocked", "open_invoice")
    assert priced.now_items == (BASIC,)


UNCHANGED = {
    "the same plan": change(member(BASIC), wanted("basic", 3000)),
    "the same plan at a new price": change(member(BASIC), wanted("basic", 3300)),
    "twelve months for a year": change(
        member(BASIC, interval=Interval(Unit.MONTH, 12)), wanted("basic", 3000), interval=YEAR
    ),
    "seven days for a week": change(
        member(BASIC, interval=Interval(Unit.WEEK, 1)), wanted("basic", 3000), interval=Interval(Unit.DAY, 7)
    ),
    "items in another order": change(
        member(BASIC, held("disk", 500)), wanted("disk", 500), wanted("basic", 3000)
    ),
    "a one-off item left out": change(
        member(BASIC, held("design", 20000, recurring=False)), wanted("basic", 3000)
    ),
    "a one-off item repeated": change(
        member(BASIC, held("design", 20000, recurring=False)),
        *(wanted("basic", 3000), wanted("design", 20000, recurring=False)),
    ),
    "fewer of a one-off item": change(
        member(BASIC, held("design", 20000, recurring=False, quantity=2)),
        *(wanted("basic", 3000), wanted("design", 20000, recurring=False)),
    ),
    "the same in a trial": change(trial_member(BASIC), wanted("basic", 3000, trial_days=14)),
}


@pytest.mark.parametrize("way", UNCHANGED)
def test_what_is_the_same_already_is_no_change(way):
    assert quote_to_json(quote(UNCHANGED[way])) == nothing("no_change", "no_change")


def test_thirty_days_are_not_a_month():
    thirty_days = Interval(Unit.DAY, 30)
    priced = quote(change(member(BASIC), wanted("basic", 3000), interval=thirty_days))
    assert priced.kind == Kind.DOWNGRADE
    assert thirty_days != MONTH


def test_a_plan_bought_once_replaces_the_same_plan_paid_monthly():
    priced = quote(change(member(BASIC), wanted("basic", 90000, recurring=False)))
    assert (priced.kind, priced.due_now, priced.period) == (Kind.UPGRADE, 88548, None)
    assert [(item.product, item.recurring) for item in priced.now_items] == [("basic", False)]
