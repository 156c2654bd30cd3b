"""The worked examples, with every figure."""

import pytest

from products.pricing import (
    quote,
    quote_from_json,
    quote_to_json,
    renewal,
    scenario_from_json,
    scenario_to_json,
)
from tests.unit.pricing.cases import at, change
from tests.unit.pricing.examples import EXAMPLES


@pytest.mark.parametrize("number", EXAMPLES)
def test_the_worked_example_comes_out_to_the_cent(number):
    scenario, expected = EXAMPLES[number]
    assert quote_to_json(quote(scenario)) == expected


@pytest.mark.parametrize("number", EXAMPLES)
def test_the_worked_example_survives_the_way_through_json(number):
    scenario, expected = EXAMPLES[number]
    assert scenario_from_json(scenario_to_json(scenario)) == scenario
    assert quote_from_json(expected) == quote(scenario)


def test_the_answer_has_its_keys_in_the_documented_order():
    scenario, expected = EXAMPLES[1]
    written = quote_to_json(quote(scenario))
    assert list(written) == list(expected)
    assert list(written["lines"][0]) == ["type", "product", "quantity", "gross", "discount", "net", "tax"]
    assert list(written["next_bill"]) == ["at", "net", "tax", "total", "wallet_used", "due"]


def test_the_second_bill_of_31_january_is_back_on_the_31st():
    scenario, _ = EXAMPLES[11]
    first = quote(scenario)
    assert first.after is not None
    second = renewal(change(first.after, *scenario.selection.items, as_of=at("2026-02-28T10:00")))
    assert second.next_bill is not None
    assert second.next_bill.at == at("2026-03-31T10:00")
