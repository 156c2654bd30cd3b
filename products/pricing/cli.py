"""`manage.py price` without Django: scenarios in, quotes or their explanations out, as text."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from products.pricing.errors import ScenarioError
from products.pricing.explain import explain
from products.pricing.quote import quote
from products.pricing.wire import quote_to_json, scenario_from_json

_encode = json.JSONEncoder(check_circular=False).encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is printed for one scenario, and whether it could be priced."""

    text: str
    is_error: bool = False


def answer(document: bytes, *, explained: bool) -> Answer:
    """The answer to one scenario in JSON: its quote on one line, or the sentences that explain it."""
    try:
        scenario = scenario_from_json(_parse(document))
        priced = quote(scenario)
    except ScenarioError as error:
        problem = {"code": error.code, "message": error.message, "path": error.path}
        return Answer(text=_encode({"error": problem}), is_error=True)
    if explained:
        return Answer(text="\n".join(explain(scenario, priced)))
    return Answer(text=_encode(quote_to_json(priced)))


def answers(lines: Iterable[bytes], *, explained: bool) -> Iterator[Answer]:
    """The answers to scenarios that stand on a line each, in the same order. Empty lines are passed over."""
    return (answer(line, explained=explained) for line in lines if line.strip())


def _parse(document: bytes) -> object:
    try:
        return json.loads(document)
    except RecursionError:
        message = "This is nested too deeply."
    except UnicodeDecodeError:
        message = "This is not UTF-8."
    except json.JSONDecodeError as error:
        message = f"This is not JSON: {error}."
    except ValueError:
        message = "A number is too long."
    raise ScenarioError("invalid_json", message, "")
