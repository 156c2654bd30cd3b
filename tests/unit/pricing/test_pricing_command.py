"""`manage.py price`: scenarios in, quotes out. No database is set up here, and none is needed."""

import io
import json
import sys

import pytest
from django.core.management import call_command

from products.pricing import scenario_to_json
from products.pricing.cli import answer
from tests.unit.pricing.examples import EXAMPLES

SCENARIO, EXPECTED = json.dumps(scenario_to_json(EXAMPLES[1][0])), EXAMPLES[1][1]


@pytest.fixture
def price(monkeypatch, capsys):
    """Run the command on some input: its output, and how it ended."""

    def run(text: str | bytes, *options: str) -> tuple[str, int]:
        document = text if isinstance(text, bytes) else text.encode()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(document)))
        status = 0
        try:
            call_command("price", *options)
        except SystemExit as end:
            status = int(end.code or 0)
        return capsys.readouterr().out, status

    return run


def test_one_scenario_gives_one_line(price):
    output, status = price(json.dumps(json.loads(SCENARIO), indent=2))
    assert (json.loads(output), status) == (EXPECTED, 0)
    assert output.count("\n") == 1


def test_a_broken_line_is_answered_in_its_place_and_the_rest_goes_on(price):
    output, status = price(f"{SCENARIO}\n\n{{\n{SCENARIO}\n", "--lines")
    answers = [json.loads(line) for line in output.splitlines()]
    assert [answers[0], answers[2]] == [EXPECTED, EXPECTED]
    assert answers[1]["error"]["code"] == "invalid_json"
    assert status == 1


def test_a_broken_rule_names_its_place_and_ends_with_1(price):
    output, status = price(SCENARIO.replace('"EUR"', '"EURO"'))
    message = "'EURO' is not a currency of ISO 4217."
    assert json.loads(output) == {
        "error": {"code": "unknown_currency", "message": message, "path": "currency"}
    }
    assert status == 1


def test_explanations_are_sentences(price):
    output, status = price(SCENARIO, "--explain")
    assert output.splitlines()[0] == "Starts now."
    assert output.splitlines()[-1] == "Next bill on 17 April 2026: pro €90.00."
    assert status == 0


def test_explanations_of_several_scenarios_are_set_apart(price):
    output, _ = price(f"{SCENARIO}\n{SCENARIO}\n", "--lines", "--explain")
    assert output.count("Starts now.") == 2
    assert output.endswith("€90.00.\n\n")


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (b"", "This is not JSON: Expecting value: line 1 column 1 (char 0)."),
        (b"\xff\xfe\xff", "This is not UTF-8."),
        (b"[" * 100_000, "This is nested too deeply."),
        (b"1" * 5000, "A number is too long."),
    ],
)
def test_what_is_not_json_is_an_answer_too(document, message):
    said = answer(document, explained=False)
    assert said.is_error
    assert json.loads(said.text) == {"error": {"code": "invalid_json", "message": message, "path": ""}}


def test_a_number_that_is_not_one_is_refused():
    said = answer(SCENARIO.replace('"wallet": 0', '"wallet": NaN').encode(), explained=True)
    assert json.loads(said.text)["error"]["path"] == "membership.wallet"
