"""What docs/pricing.md says is what the kernel does."""

import json
import re
from pathlib import Path

import pytest

from products.pricing import NextBill, Quote, quote, quote_to_json, scenario_from_json
from tests.unit.pricing.examples import EXAMPLES

PAGE = (Path(__file__).parents[3] / "docs" / "pricing.md").read_text(encoding="utf-8")
DOCUMENTS = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]
ROWS = re.findall(r"^\| (\d+) \|[^|]*\| ([^|]*) \| ([^|]*) \| ([^|]*) \|$", PAGE, re.MULTILINE)


def major(minor: int) -> str:
    return f"{minor / 100:.2f}"


def next_bill(bill: NextBill | None) -> str:
    return "–" if bill is None else f"{major(bill.due)} on {bill.at.date().isoformat()}"


def row_of(priced: Quote) -> tuple[str, str, str]:
    if not priced.changes_something:
        return "–", "–", next_bill(priced.next_bill)
    return major(priced.due_now), major(priced.wallet_added), next_bill(priced.next_bill)


def test_the_page_has_all_the_worked_examples():
    assert [int(row[0]) for row in ROWS] == list(EXAMPLES)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_row_of_the_page_is_what_comes_out(row):
    number, *said = row
    assert tuple(said) == row_of(quote(EXAMPLES[int(number)][0]))


@pytest.mark.parametrize("n", range(0, len(DOCUMENTS), 2))
def test_a_scenario_of_the_page_gives_the_quote_below_it(n):
    assert quote_to_json(quote(scenario_from_json(DOCUMENTS[n]))) == DOCUMENTS[n + 1]


def test_the_page_has_two_scenarios_with_their_quotes():
    assert len(DOCUMENTS) == 4


def test_the_page_names_every_error_code():
    said = re.search(r"Error codes: (.*?)\.", PAGE, re.DOTALL)
    assert said is not None
    kernel = Path(__file__).parents[3] / "products" / "pricing"
    raised = {
        code
        for module in kernel.glob("*.py")
        for code in re.findall(
            r'(?:ScenarioError\(\s*|code: str = |code=)"(\w+)"', module.read_text(encoding="utf-8")
        )
    }
    assert set(re.findall(r"`(\w+)`", said[1])) == raised
