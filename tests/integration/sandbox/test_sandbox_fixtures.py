"""The double's objects beside the examples Stripe publishes: they show what the type hints leave optional."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.sandbox.test_sandbox_contract import SHAPES, everything_answered

FIXTURES = Path(__file__).parents[4] / "shared" / "data" / "stripe-fixtures3.json"

# In our answers and not in the examples, which are poorer or older here; the type hints know them all.
BEYOND_THE_EXAMPLES = {
    "charge.outcome.risk_level",
    "charge.outcome.risk_score",
    "checkout.session.line_items",
    "payment_intent.automatic_payment_methods.allow_redirects",
    "payment_intent.last_payment_error.charge",
    "payment_intent.last_payment_error.code",
    "payment_intent.last_payment_error.decline_code",
    "payment_intent.last_payment_error.doc_url",
    "payment_intent.last_payment_error.message",
    "payment_intent.last_payment_error.payment_method",
    "payment_intent.next_action.redirect_to_url",
    "refund.destination_details.card.reference",
    "refund.destination_details.card.reference_status",
    "refund.destination_details.card.reference_type",
    "refund.failure_reason",
    "refund.pending_reason",
    "setup_intent.automatic_payment_methods.allow_redirects",
    "setup_intent.customer_account",
    "setup_intent.last_setup_error.code",
    "setup_intent.last_setup_error.decline_code",
    "setup_intent.last_setup_error.doc_url",
    "setup_intent.last_setup_error.message",
    "setup_intent.last_setup_error.payment_method",
    "setup_intent.next_action.redirect_to_url",
    "webhook_endpoint.secret",
}
# In the examples and never in our answers: they belong to products of Stripe's that the double does not play.
NEVER_ANSWERED = {
    "checkout.session.integration_identifier",
    "checkout.session.managed_payments",
    "payment_intent.managed_payments",
}


@pytest.fixture(scope="module")
def examples() -> dict[str, Any]:
    if not FIXTURES.exists():
        pytest.skip(f"Stripe's published examples are not here ({FIXTURES.name})")
    resources: dict[str, Any] = json.loads(FIXTURES.read_text())["resources"]
    return resources


def differences(ours: Any, example: Any, *, at: str) -> Iterator[str]:
    """Keys the example does not have, values of another type. Null fits all, an expanded object an id."""
    if ours is None or example is None or at.endswith(".metadata"):
        return
    if isinstance(ours, dict) and isinstance(example, str) and ours.get("id"):
        return
    if isinstance(ours, dict) and isinstance(example, dict):
        for name, value in ours.items():
            if name in example:
                yield from differences(value, example[name], at=f"{at}.{name}")
            elif example:
                yield f"{at}.{name}"
    elif type(ours) is not type(example):
        yield f"{at}: {type(ours).__name__}, not {type(example).__name__}"


def test_our_objects_have_the_keys_and_types_of_stripes_examples(client, sandbox, examples):
    beyond: set[str] = set()
    lacking: dict[str, set[str]] = {}
    for body in everything_answered(client, sandbox):
        kind = body["object"]
        if kind == "event":  # its example carries an object of another kind
            continue
        beyond.update(differences(body, examples[kind], at=kind))
        absent = {f"{kind}.{name}" for name in set(examples[kind]) - set(body)}
        lacking[kind] = lacking.get(kind, absent) & absent
    assert beyond == BEYOND_THE_EXAMPLES
    assert set().union(*lacking.values()) == NEVER_ANSWERED
    assert set(lacking) == set(SHAPES) - {"event", "item"}
