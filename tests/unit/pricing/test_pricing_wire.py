"""Reading and writing JSON: what is accepted, and what each broken rule says and where."""

import copy
import json
from typing import Any

import pytest

from products.pricing import (
    Discount,
    Interval,
    ItemType,
    Money,
    OnUpgrade,
    Paid,
    Period,
    Policy,
    Scenario,
    ScenarioError,
    Selection,
    Status,
    Unit,
    quote,
    quote_from_json,
    quote_to_json,
    scenario_from_json,
    scenario_to_json,
)
from tests.unit.pricing.cases import (
    MAR_1,
    MAR_17,
    MARCH,
    MONTH,
    amount,
    at,
    change,
    held,
    member,
    percent,
    wanted,
)
from tests.unit.pricing.examples import EXAMPLES

DOCUMENT: dict[str, Any] = scenario_to_json(
    change(
        member(held("basic", 3000), held("disk", 500)),
        wanted("pro", 9000),
        wanted("disk", 500),
        code=amount(500),
    )
)
HELD, WANTED, CODE = ("membership", "items", 0), ("selection", "items", 0), ("selection", "discount")


def with_value(path: tuple[str | int, ...], value: object) -> dict[str, Any]:
    """The document with one value replaced, or added."""
    document = copy.deepcopy(DOCUMENT)
    place: Any = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return document


def without(*path: str | int) -> dict[str, Any]:
    document = copy.deepcopy(DOCUMENT)
    place: Any = document
    for step in path[:-1]:
        place = place[step]
    del place[path[-1]]
    return document


def written(path: tuple[str | int, ...]) -> str:
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")


ITEM = {"product": "x", "type": "package", "unit_price": 1}
PLAN = {**ITEM, "product": "y", "type": "plan"}

BROKEN: list[tuple[tuple[str | int, ...], object, str]] = [
    (("as_of",), "2026-03-17T00:00:00", "naive_datetime"),
    (("as_of",), "yesterday", "bad_value"),
    (("as_of",), 1773705600, "wrong_type"),
    (("as_of",), None, "wrong_type"),
    (("as_of",), "1969-12-31T23:59:59Z", "out_of_range"),
    (("as_of",), "3000-01-01T00:00:00Z", "out_of_range"),
    (("as_of",), "0001-01-01T00:00:00+14:00", "bad_value"),
    (("currency",), "EURO", "unknown_currency"),
    (("currency",), "eur", "unknown_currency"),
    (("currency",), "XXX", "unknown_currency"),
    (("policies",), {}, "unknown_key"),
    (("policy", "on_upgrades"), "restart", "unknown_key"),
    (("policy", "on_upgrade"), "later", "bad_value"),
    (("policy", "prices_include_tax"), 1, "wrong_type"),
    (("policy", "minimum_charge"), True, "wrong_type"),
    (("policy", "minimum_charge"), -1, "negative_amount"),
    (("membership", "status"), "canceled", "bad_value"),
    (("membership", "currency"), "USD", "mixed_currency"),
    (("membership", "wallet"), 1.5, "wrong_type"),
    (("membership", "wallet"), 10**18 + 1, "out_of_range"),
    (("membership", "period", "end"), "2026-03-01T00:00:00Z", "end_before_start"),
    (("membership", "period", "end"), "2026-02-01T00:00:00Z", "end_before_start"),
    (("membership", "period", "end"), "2026-04-01T00:00:00", "naive_datetime"),
    (("membership", "anchor"), "2026-03-02T00:00:00Z", "end_before_start"),
    (("membership", "interval", "unit"), "fortnight", "bad_value"),
    (("membership", "interval", "count"), 0, "out_of_range"),
    (("membership", "interval", "count"), 1001, "out_of_range"),
    ((*HELD, "paid_net"), -1, "negative_amount"),
    ((*HELD, "paid_net"), float("nan"), "wrong_type"),
    ((*HELD, "paid"), 3000, "unknown_key"),
    ((*HELD, "trial_days"), 14, "unknown_key"),
    ((*HELD, "setup_fee_paid"), -1, "negative_amount"),
    ((*WANTED, "unit_price"), -1, "negative_price"),
    ((*WANTED, "unit_price"), 10**12 + 1, "out_of_range"),
    ((*WANTED, "unit_price"), 90.0, "wrong_type"),
    ((*WANTED, "unit_price"), "9000", "wrong_type"),
    ((*WANTED, "unit_price"), True, "wrong_type"),
    ((*WANTED, "unit_price"), None, "wrong_type"),
    ((*WANTED, "setup_fee"), -1, "negative_price"),
    ((*WANTED, "quantity"), 2, "bad_quantity"),
    (("selection", "items", 1, "quantity"), 0, "bad_quantity"),
    (("selection", "items", 1, "quantity"), -1, "bad_quantity"),
    (("selection", "items", 1, "quantity"), 10**6 + 1, "bad_quantity"),
    ((*WANTED, "recurring"), "yes", "wrong_type"),
    ((*WANTED, "type"), "bundle", "unknown_type"),
    ((*WANTED, "product"), "", "bad_value"),
    ((*WANTED, "product"), 7, "wrong_type"),
    ((*WANTED, "product"), "x" * 201, "out_of_range"),
    ((*WANTED, "rank"), -1, "out_of_range"),
    ((*WANTED, "currency"), "USD", "mixed_currency"),
    ((*WANTED, "tax_rate"), 8.875, "wrong_type"),
    ((*WANTED, "tax_rate"), "-1", "bad_value"),
    ((*WANTED, "tax_rate"), "NaN", "bad_value"),
    ((*WANTED, "tax_rate"), "٢١", "bad_value"),
    ((*WANTED, "tax_rate"), "100.1", "out_of_range"),
    ((*WANTED, "tax_rate"), "0.1234567", "out_of_range"),
    ((*WANTED, "trial_days"), -1, "out_of_range"),
    ((*CODE, "percent"), "10", "bad_value"),
    ((*CODE, "amount"), -5, "negative_amount"),
    ((*CODE, "amount"), None, "bad_value"),
    ((*CODE, "periods_left"), -1, "out_of_range"),
    ((*CODE, "products"), "pro", "wrong_type"),
    ((*CODE, "code"), "", "bad_value"),
    (("selection", "items"), {}, "wrong_type"),
    (("selection",), [], "wrong_type"),
    (("membership",), "none", "wrong_type"),
]
WHOLE_OBJECT = {(*CODE, "percent"), (*CODE, "amount")}


@pytest.mark.parametrize(("path", "value", "code"), BROKEN, ids=lambda value: str(value)[:40])
def test_a_broken_rule_says_which_and_where(path, value, code):
    with pytest.raises(ScenarioError) as raised:
        scenario_from_json(with_value(path, value))
    assert raised.value.code == code
    # a discount that is both or neither is wrong as a whole
    expected = path[:-1] if path in WHOLE_OBJECT and code == "bad_value" else path
    assert raised.value.path == written(expected)
    assert raised.value.message.endswith(".")


@pytest.mark.parametrize(
    ("path", "value", "code", "where"),
    [
        (("selection", "items"), [], "no_plan", "selection.items"),
        (("selection", "items"), [ITEM], "no_plan", "selection.items"),
        (("selection", "items"), [PLAN, {**PLAN, "product": "z"}], "two_plans", "selection.items[1]"),
        (("selection", "items"), [PLAN, ITEM, ITEM], "duplicate_product", "selection.items[2].product"),
        (("membership", "items"), [], "no_plan", "membership.items"),
        (("membership", "items"), [PLAN, {**PLAN, "product": "z"}], "two_plans", "membership.items[1]"),
        (("membership", "status"), "trialing", "missing_key", "membership.trial_end"),
        (("selection", "items", 1), 5, "wrong_type", "selection.items[1]"),
        (("selection", "discount", "products"), ["pro", 5], "wrong_type", "selection.discount.products[1]"),
    ],
)
def test_a_broken_list_says_which_part(path, value, code, where):
    with pytest.raises(ScenarioError) as raised:
        scenario_from_json(with_value(path, value))
    assert (raised.value.code, raised.value.path) == (code, where)


@pytest.mark.parametrize(
    "path",
    [
        ("as_of",),
        ("currency",),
        ("selection",),
        ("selection", "interval"),
        ("selection", "items"),
        ("membership", "status"),
        ("membership", "items"),
        (*WANTED, "unit_price"),
        (*WANTED, "type"),
        (*CODE, "code"),
    ],
)
def test_a_missing_key_is_named(path):
    with pytest.raises(ScenarioError) as raised:
        scenario_from_json(without(*path))
    assert (raised.value.code, raised.value.path) == ("missing_key", written(path))


@pytest.mark.parametrize("value", [None, [], "x", 5, True])
def test_what_is_not_an_object_is_refused(value):
    with pytest.raises(ScenarioError) as raised:
        scenario_from_json(value)
    assert (raised.value.code, raised.value.path) == ("wrong_type", "")


def test_what_may_be_left_out_has_its_plain_meaning():
    scenario = scenario_from_json(
        {
            "as_of": "2026-03-17T01:00:00+01:00",
            "currency": "EUR",
            "selection": {"interval": {"unit": "month"}, "items": [PLAN]},
        }
    )
    assert scenario.as_of == MAR_17
    assert scenario.policy == Policy(
        on_upgrade=OnUpgrade.RESTART, prices_include_tax=False, minimum_charge=0, trial_used=False
    )
    assert scenario.membership is None
    assert scenario.selection == Selection(interval=MONTH, items=(wanted("y", 1, type=ItemType.PLAN),))


def test_the_same_currency_may_be_repeated():
    scenario = scenario_from_json(with_value((*WANTED, "currency"), "EUR"))
    assert scenario == scenario_from_json(DOCUMENT)


def test_paid_net_and_tax_mean_one_payment_from_the_periods_start():
    document = with_value((*HELD, "paid_tax"), 630)
    membership = scenario_from_json(document).membership
    assert membership is not None
    assert membership.items[0].paid == (Paid(net=3000, tax=630, start=MAR_1),)


def test_paid_parts_replace_paid_net_and_tax():
    parts = [
        {"net": 3000, "tax": 630, "from": "2026-03-01T00:00:00Z"},
        {"net": 242, "tax": 51, "from": "2026-03-17T00:00:00Z"},
    ]
    document = with_value((*HELD, "paid_parts"), parts)
    with pytest.raises(ScenarioError) as raised:
        scenario_from_json(document)
    assert raised.value.path == "membership.items[0].paid_net"
    del document["membership"]["items"][0]["paid_net"], document["membership"]["items"][0]["paid_tax"]
    scenario = scenario_from_json(document)
    assert scenario.membership is not None
    assert scenario.membership.items[0].paid == (
        Paid(net=3000, tax=630, start=MAR_1),
        Paid(net=242, tax=51, start=MAR_17),
    )
    assert scenario_to_json(scenario)["membership"]["items"][0]["paid_parts"] == parts


@pytest.mark.parametrize("start", ["2026-02-28T23:59:59Z", "2026-04-01T00:00:00Z"])
def test_a_payment_for_the_period_starts_within_it(start):
    document = without(*HELD, "paid_net")
    del document["membership"]["items"][0]["paid_tax"]
    document["membership"]["items"][0]["paid_parts"] = [{"net": 1, "tax": 0, "from": start}]
    with pytest.raises(ScenarioError) as raised:
        scenario_from_json(document)
    assert raised.value.path == "membership.items[0].paid_parts[0].from"


def test_the_anchor_is_the_periods_start_unless_it_is_told():
    plain = scenario_from_json(DOCUMENT).membership
    told = scenario_from_json(with_value(("membership", "anchor"), "2026-01-31T00:00:00Z"))
    assert plain is not None
    assert told.membership is not None
    assert (plain.anchor, told.membership.anchor) == (MAR_1, at("2026-01-31"))
    assert "anchor" not in scenario_to_json(scenario_from_json(DOCUMENT))["membership"]
    assert scenario_to_json(told)["membership"]["anchor"] == "2026-01-31T00:00:00Z"


def test_a_scenario_keeps_every_fact_on_its_way_through_json():
    scenario = change(
        member(
            held("basic", 3000, tax=630, setup_fee=100, setup_fee_paid=90),
            held("disk", 500, paid=(Paid(net=9, tax=1, start=at("2026-03-05T11:12:13.000014")),)),
            held("design", 20000, recurring=False),
            anchor=at("2025-12-31"),
            wallet=-29,
            trial_end=at("2025-12-31"),
            discount=percent("8.875", periods_left=2, products=("basic", "disk"), setup_fee=True),
        ),
        wanted("pro", 9000, trial_days=14, setup_fee=5),
        code=amount(1),
        as_of=at("2026-03-17T23:59:59.000001"),
        on_upgrade=OnUpgrade.KEEP_RENEWAL_DATE,
        trial_used=True,
    )
    assert scenario_from_json(json.loads(json.dumps(scenario_to_json(scenario)))) == scenario


def test_a_scenario_made_in_python_obeys_the_same_rules():
    facts: dict[str, Any] = {"as_of": MAR_17, "currency": "EUR", "policy": Policy()}
    selection = Selection(interval=MONTH, items=(wanted("pro", -1),))
    with pytest.raises(ScenarioError) as raised:
        Scenario(**facts, membership=None, selection=selection)
    assert raised.value.path == "selection.items[0].unit_price"
    naive = {**facts, "as_of": MAR_17.replace(tzinfo=None)}
    with pytest.raises(ScenarioError) as raised:
        Scenario(**naive, membership=None, selection=selection)
    assert (raised.value.code, raised.value.path) == ("naive_datetime", "as_of")


def test_a_stored_quote_that_contradicts_itself_is_refused():
    stored = copy.deepcopy(EXAMPLES[1][1])
    stored["due_now"] = 1
    with pytest.raises(ScenarioError, match="contradict"):
        quote_from_json(stored)


def test_a_stored_quote_says_what_it_said_but_not_what_it_leads_to():
    scenario, stored = EXAMPLES[1]
    read, computed = quote_from_json(stored), quote(scenario)
    assert quote_to_json(read) == stored
    assert (read.after, read.later_items, read.now_items) == (None, None, ())
    assert computed.after is not None
    assert computed.after.status == Status.ACTIVE


def test_money_is_written_for_english_and_dutch_readers():
    assert Money(107548, "EUR").format() == "€1,075.48"
    assert Money(107548, "EUR").format("nl") == "€\N{NO-BREAK SPACE}1.075,48"
    assert Money(-29, "EUR").format() == "-€0.29"
    assert Money(-29, "EUR").format("nl") == "€\N{NO-BREAK SPACE}-0,29"
    assert Money(7548, "JPY").format() == "¥7,548"
    assert Money(7548, "KWD").format() == "KWD\N{NO-BREAK SPACE}7.548"


def test_money_adds_only_in_its_own_currency():
    assert Money(100, "EUR") - Money(30, "EUR") == Money(70, "EUR")
    with pytest.raises(ValueError, match="EUR and USD"):
        Money(1, "EUR") + Money(1, "USD")
    with pytest.raises(ValueError, match="'EUROS'"):
        Money(1, "EUROS")


def test_a_period_holds_its_start_and_not_its_end():
    assert MARCH.start in MARCH
    assert MARCH.end not in MARCH
    assert Period(MAR_17, MARCH.end) != MARCH


def test_an_interval_is_equal_by_its_length_not_by_its_unit():
    assert {Interval(Unit.MONTH, 12), Interval(Unit.YEAR, 1)} == {Interval(Unit.YEAR, 1)}
    assert Interval(Unit.WEEK, 2) == Interval(Unit.DAY, 14)
    assert Interval(Unit.MONTH, 1) != "month"
    assert Discount(code="A", amount=1) != Discount(code="A", percent=None, amount=2)
