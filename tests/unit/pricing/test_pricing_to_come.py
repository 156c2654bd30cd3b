"""A price to come: asked by the bills of renewals from its day on, and shown by every quote before."""

from dataclasses import replace

import pytest

from products.pricing import (
    PriceToCome,
    Scenario,
    ScenarioError,
    bill_from,
    quote,
    renewal,
    scenario_from_json,
    scenario_to_json,
)
from tests.unit.pricing.cases import APR_1, at, change, held, member, percent, trial_member, wanted

MAY_1 = at("2026-05-01")
DEARER = PriceToCome(at=APR_1, unit_price=3500)


def with_more(day=APR_1, **more) -> Scenario:
    """Basic for 30.00, which costs 35.00 from `day` on, and a package added for 5.00."""
    basic = wanted("basic", 3000, to_come=PriceToCome(at=day, unit_price=3500))
    return change(member(held("basic", 3000), **more), basic, wanted("disk", 500))


def going_on(day=APR_1, **more) -> Scenario:
    return change(
        member(held("basic", 3000), **more),
        wanted("basic", 3000, to_come=PriceToCome(at=day, unit_price=3500)),
    )


def test_a_change_before_the_day_is_charged_at_todays_price_and_shows_the_bill_to_come():
    price = quote(with_more())
    assert (price.due_now, price.next_bill.at, price.next_bill.due) == (242, APR_1, 4000)


def test_a_bill_before_the_day_asks_the_old_price_and_the_first_on_it_the_new():
    assert quote(with_more(day=at("2026-04-02"))).next_bill.due == 3500
    assert renewal(going_on(day=at("2026-04-02"))).due_now == 3000
    assert renewal(going_on()).due_now == 3500


def test_the_renewal_shows_the_bill_after_it_at_the_price_to_come():
    bill = renewal(going_on(day=MAY_1))
    assert (bill.due_now, bill.next_bill.due) == (3000, 3500)


def test_what_is_held_after_the_renewal_is_held_at_the_new_price():
    assert [item.unit_price for item in renewal(going_on()).now_items] == [3500]


def test_the_first_bill_after_a_trial_asks_what_the_trial_promised():
    trial = change(trial_member(held("basic", 3000, net=0)), wanted("basic", 3000, to_come=DEARER))
    trial = replace(trial, selection=going_on(day=at("2026-03-20")).selection)
    first = renewal(trial)
    assert (first.due_now, first.next_bill.due) == (3000, 3500)
    following = bill_from(trial, at=at("2026-03-20"))
    assert (following.effective_at, following.due_now) == (at("2026-04-24"), 3500)


def test_the_first_bill_from_a_day_on_is_found_through_those_before_it():
    bill = bill_from(going_on(day=at("2026-05-02")), at=at("2026-05-02"))
    assert (bill.effective_at, bill.due_now) == (at("2026-06-01"), 3500)


def test_the_bills_before_it_use_up_the_code_and_the_wallet():
    scenario = going_on(day=MAY_1, discount=percent("50", periods_left=1), wallet=1600)
    bill = bill_from(scenario, at=MAY_1)
    assert (bill.net, bill.wallet_used, bill.due_now) == (3500, 100, 3400)


def test_no_bill_follows_from_what_is_free():
    free = change(member(held("basic", 3000)), wanted("free", 0))
    assert bill_from(free, at=MAY_1) is None


def test_a_price_to_come_is_written_and_read_back():
    asked = scenario_to_json(with_more())
    assert asked["selection"]["items"][0]["to_come"] == {"at": "2026-04-01T00:00:00Z", "unit_price": 3500}
    assert "to_come" not in asked["selection"]["items"][1]
    assert scenario_from_json(asked) == with_more()


def test_a_price_to_come_obeys_the_rules_of_prices():
    asked = scenario_to_json(with_more())
    asked["selection"]["items"][0]["to_come"]["unit_price"] = -1
    with pytest.raises(ScenarioError) as refused:
        scenario_from_json(asked)
    assert (refused.value.code, refused.value.path) == (
        "negative_price",
        "selection.items[0].to_come.unit_price",
    )
