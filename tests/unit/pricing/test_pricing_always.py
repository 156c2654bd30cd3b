"""What must always hold, over random scenarios and random lives of a membership."""

import json
import os
import time
from collections.abc import Container
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import localcontext
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from products.pricing import (
    HeldMembership,
    Interval,
    Kind,
    LineType,
    Period,
    Policy,
    Quote,
    Scenario,
    Selection,
    Unit,
    next_period,
    nth_period,
    quote,
    quote_from_json,
    quote_to_json,
    renewal,
    scenario_from_json,
    scenario_to_json,
)
from products.pricing.rounding import half_up, spread
from tests.unit.pricing.cases import wanted
from tests.unit.pricing.strategies import (
    currencies,
    discounts,
    instants,
    intervals,
    policies,
    scenarios,
    thorough,
    wanted_items,
)


def answer_of(scenario: Scenario) -> str:
    return json.dumps(quote_to_json(quote(scenario)))


# 1. the quote shown, the order stored, the amount charged: the same integers


@thorough
@given(scenarios)
def test_a_quote_recomputed_from_what_was_stored_is_the_same(scenario):
    priced = quote(scenario)
    stored_scenario, stored = json.dumps(scenario_to_json(scenario)), json.dumps(quote_to_json(priced))
    assert scenario_from_json(json.loads(stored_scenario)) == scenario
    assert answer_of(scenario_from_json(json.loads(stored_scenario))) == stored
    assert quote_from_json(json.loads(stored)) == priced


# 2. lines sum to the totals


@thorough
@given(scenarios)
def test_lines_sum_to_the_totals_and_nothing_is_charged_below_zero(scenario):
    priced = quote(scenario)
    assert priced.net == sum(line.net for line in priced.lines)
    assert priced.tax == sum(line.tax for line in priced.lines)
    assert (
        priced.total == priced.net + priced.tax == priced.due_now + priced.wallet_used - priced.wallet_added
    )
    assert priced.due_now == 0 or priced.due_now >= scenario.policy.minimum_charge
    for line in priced.lines:
        contained = line.tax if scenario.policy.prices_include_tax else 0
        assert line.gross - line.discount == line.net + contained
        assert line.gross or line.tax
        assert (line.gross <= 0) == (line.type == LineType.CREDIT)
        assert 0 <= line.discount <= max(line.gross, 0)


# 3. a credit never exceeds what was paid


@thorough
@given(scenarios)
def test_a_credit_never_exceeds_what_was_paid(scenario):
    for line in quote(scenario).lines:
        if line.type == LineType.CREDIT:
            assert scenario.membership is not None
            item = next(item for item in scenario.membership.items if item.product == line.product)
            assert 0 <= -line.net <= sum(part.net for part in item.paid)
            assert 0 <= -line.tax <= sum(part.tax for part in item.paid)


# 5. later means less credit


@thorough
@given(scenarios, instants)
def test_credit_never_grows_as_time_passes(scenario, other):
    early, late = sorted([scenario.as_of, other])
    credited = [
        {line.product: -line.net for line in quote(replace(scenario, as_of=as_of)).lines if line.net < 0}
        for as_of in (early, late)
    ]
    assert all(net <= credited[0].get(product, 0) for product, net in credited[1].items())


# 6. periods tile


@thorough
@given(instants, intervals, st.integers(1, 40))
def test_periods_tile_from_their_anchor(anchor, interval, count):
    period = nth_period(anchor, interval, 0)
    for n in range(1, count):
        following = next_period(anchor, interval, period)
        assert following == nth_period(anchor, interval, n)
        assert following.start == period.end < following.end
        period = following


@thorough
@given(instants)
def test_a_year_of_monthly_bills_is_twelve_bills_that_tile(start):
    scenario = Scenario(
        as_of=start,
        currency="EUR",
        policy=Policy(),
        membership=None,
        selection=Selection(interval=Interval(Unit.MONTH, 1), items=(wanted("pro", 9000),)),
    )
    bill = quote(scenario)
    bills = [bill]
    while bill.period is not None and bill.period.end < nth_period(start, Interval(Unit.YEAR, 1), 0).end:
        bill = renewal(replace(scenario, as_of=bill.period.end, membership=bill.after))
        bills.append(bill)
    periods = [bill.period for bill in bills]
    assert len(bills) == 12
    assert sum(bill.due_now for bill in bills) == 12 * 9000
    assert periods == [nth_period(start, Interval(Unit.MONTH, 1), n) for n in range(12)]


# 7. nothing but the scenario moves a figure


@thorough
@given(scenarios)
def test_neither_decimal_context_nor_time_zone_nor_key_order_changes_a_figure(scenario):
    expected = answer_of(scenario)
    document = scenario_to_json(scenario)
    backwards = json.loads(json.dumps(document), object_pairs_hook=lambda pairs: dict(reversed(pairs)))
    zone = os.environ.get("TZ")
    try:
        os.environ["TZ"] = "Pacific/Kiritimati"
        time.tzset()
        with localcontext() as context:
            context.prec = 2
            assert answer_of(scenario_from_json(backwards)) == expected
    finally:
        os.environ.pop("TZ", None) if zone is None else os.environ.update(TZ=zone)
        time.tzset()


# 8. the number of decimals is only a matter of writing


@thorough
@given(scenarios, currencies)
def test_every_currency_is_priced_alike(scenario, currency):
    assert answer_of(replace(scenario, currency=currency)) == answer_of(scenario)


# 4. no arbitrage, over whole lives

prices = st.sampled_from([0, 1, 60, 500, 999, 3000, 9000, 30_000])
pauses = st.just(timedelta(0)) | st.timedeltas(timedelta(0), timedelta(days=40))
tries = st.tuples(
    pauses,
    st.builds(
        Selection,
        interval=st.sampled_from([Interval(Unit.MONTH, 1), Interval(Unit.YEAR, 1)]),
        items=wanted_items(prices=prices),
        discount=discounts,
    ),
)


def sum_of(priced: Quote, line_type: LineType, of: Container[str] | None = None) -> int:
    lines = [line for line in priced.lines if line.type == line_type and (of is None or line.product in of)]
    return sum(line.net + line.tax for line in lines)


@dataclass
class Life:
    """A customer who tries one change after another, and the books that are kept of it."""

    policy: Policy
    now: datetime
    membership: HeldMembership | None = None
    selection: Selection | None = None
    paid: int = 0
    rounded: Fraction = Fraction(0)

    def worth(self, as_of: datetime) -> Fraction:
        """What the customer could get back at that moment, exactly: the wallet and all unused shares."""
        if self.membership is None:
            return Fraction(0)
        period, wallet = self.membership.period, Fraction(self.membership.wallet)
        if period is None:
            return wallet
        parts = [part for item in self.membership.items if item.recurring for part in item.paid]
        return wallet + sum(
            (part.net + part.tax) * Period(part.start, period.end).unused(as_of) for part in parts
        )

    def scenario(self, selection: Selection, *, as_of: datetime) -> Scenario:
        return Scenario(
            as_of=as_of, currency="EUR", policy=self.policy, membership=self.membership, selection=selection
        )

    def wait(self, pause: timedelta) -> None:
        """Let time pass; what is due in the meantime is renewed."""
        self.now += pause
        while (due_at := self._renewal_due()) is not None and due_at <= self.now:
            assert self.selection is not None
            self._pay(renewal(self.scenario(self.selection, as_of=due_at)), as_of=due_at)
            self.selection = replace(self.selection, discount=None)

    def attempt(self, selection: Selection) -> None:
        priced = quote(self.scenario(selection, as_of=self.now))
        if priced.changes_something:
            self._pay(priced, as_of=self.now)
            self.selection = priced.later or replace(selection, discount=None)

    def _renewal_due(self) -> datetime | None:
        if self.membership is None:
            return None
        if self.membership.in_trial:
            return self.membership.trial_end
        return None if self.membership.period is None else self.membership.period.end

    def _pay(self, priced: Quote, *, as_of: datetime) -> None:
        """A change is worth exactly what it costs, less what is used at once, but for a credit's rounding."""
        before, membership, after = self.worth(as_of), self.membership, priced.after
        assert after is not None
        rounding, items_before = Fraction(0), 0
        if membership is not None and priced.kind == Kind.UPGRADE:
            exact = before - membership.wallet
            rounding, items_before = -sum_of(priced, LineType.CREDIT) - exact, len(membership.items)
        one_off = {item.product for item in after.items if not item.recurring}
        used_at_once = sum_of(priced, LineType.SETUP_FEE) + sum_of(priced, LineType.CHARGE, of=one_off)
        self.membership = after
        assert self.worth(as_of) == before + priced.due_now - used_at_once + rounding
        assert abs(rounding) <= items_before
        if after.period is not None and (membership is None or after.period != membership.period):
            self._assert_charged_in_full(priced)
        self.paid += priced.due_now
        self.rounded += rounding

    def _assert_charged_in_full(self, priced: Quote) -> None:
        """A new period is paid time: it comes only with a full charge for everything that recurs."""
        charged = {line.product: line.gross for line in priced.lines if line.type == LineType.CHARGE}
        for item in priced.now_items:
            if item.recurring:
                assert charged.get(item.product, 0) == item.unit_price * item.quantity


@thorough
@given(policies, instants, st.lists(tries, min_size=2, max_size=8))
def test_no_sequence_of_changes_gives_more_than_was_paid(policy, start, attempts):
    life = Life(policy=policy, now=start)
    for pause, selection in attempts:
        life.wait(pause)
        life.attempt(selection)
        assert life.worth(life.now) <= life.paid + life.rounded


@thorough
@given(scenarios)
def test_the_next_bill_that_is_shown_is_the_bill_that_comes(scenario):
    priced = quote(scenario)
    if priced.next_bill is None or priced.after is None:
        return
    selection = priced.later or replace(scenario.selection, discount=None)
    coming = replace(scenario, as_of=priced.next_bill.at, membership=priced.after, selection=selection)
    bill, shown = renewal(coming), priced.next_bill
    assert (bill.effective_at, bill.net, bill.tax, bill.total) == (
        shown.at,
        shown.net,
        shown.tax,
        shown.total,
    )
    assert (bill.wallet_used, bill.lines) == (shown.wallet_used, shown.lines)


# the arithmetic below it all


@thorough
@given(st.integers(-(10**15), 10**15), st.integers(1, 10**13))
def test_half_up_rounds_the_magnitude(numerator, denominator):
    rounded = half_up(numerator, denominator)
    exact = Fraction(numerator, denominator)
    assert abs(rounded - exact) <= Fraction(1, 2)
    assert rounded == -half_up(-numerator, denominator)
    if abs(rounded - exact) == Fraction(1, 2):
        assert abs(rounded) > abs(exact)


@thorough
@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=8), st.data())
def test_spreading_loses_nothing_and_gives_no_part_more_than_its_weight(weights, data):
    amount = data.draw(st.integers(0, sum(weights)))
    parts = spread(amount, weights)
    assert sum(parts) == amount
    for part, weight in zip(parts, weights, strict=True):
        exact = Fraction(amount * weight, sum(weights))
        assert abs(part - exact) < 1
        assert 0 <= part <= weight
