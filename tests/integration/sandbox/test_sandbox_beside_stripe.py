"""The same talk with the double and, when STRIPE_TEST_KEY is in the environment, with Stripe's own test mode.

What cannot be driven from here is left out: the hosted page, and webhooks to this machine.
"""

import os
import time
import uuid
from typing import Any

import pytest
import stripe

from tests.integration.sandbox.conftest import API_VERSION, a_card, a_session
from tests.integration.sandbox.stripe_types import object_problems


@pytest.fixture(params=["double", "stripe"])
def gateway(request: pytest.FixtureRequest) -> stripe.StripeClient:
    if request.param == "double":
        client: stripe.StripeClient = request.getfixturevalue("client")
        return client
    key = os.environ.get("STRIPE_TEST_KEY", "")
    if not key:
        pytest.skip("not tried with Stripe itself: STRIPE_TEST_KEY is not in the environment")
    assert key.startswith(("sk_test_", "rk_test_")), "only a key of the test mode"
    return stripe.StripeClient(key, stripe_version=API_VERSION)


@pytest.fixture
def customer(gateway):
    given = {"email": "contract@shop.example", "metadata": {"made_by": "tests"}}
    return gateway.v1.customers.create(given).id


def off_session(customer: str, card: str, **changes: Any) -> Any:
    return {
        "amount": 2500,
        "currency": "eur",
        "customer": customer,
        "payment_method": card,
        "confirm": True,
        "off_session": True,
        **changes,
    }


def refused(gateway: stripe.StripeClient, given: Any) -> dict[str, Any]:
    with pytest.raises(stripe.CardError) as refusal:
        gateway.v1.payment_intents.create(given)
    assert refusal.value.error is not None
    return refusal.value.error.to_dict()


def test_a_saved_card_pays_and_the_money_goes_back_in_parts(gateway, customer):
    intent = gateway.v1.payment_intents.create(off_session(customer, a_card(gateway, customer)))
    assert (intent.status, intent.amount_received, intent.next_action) == ("succeeded", 2500, None)
    gateway.v1.refunds.create({"payment_intent": intent.id, "amount": 1000})
    with pytest.raises(stripe.InvalidRequestError) as too_much:
        gateway.v1.refunds.create({"payment_intent": intent.id, "amount": 1501})
    assert (too_much.value.http_status, too_much.value.param) == (400, "amount")
    gateway.v1.refunds.create({"payment_intent": intent.id})
    with pytest.raises(stripe.InvalidRequestError) as nothing_left:
        gateway.v1.refunds.create({"payment_intent": intent.id})
    assert nothing_left.value.code == "charge_already_refunded"
    charge = gateway.v1.charges.retrieve(str(intent.latest_charge))
    assert (charge.amount_refunded, charge.refunded, bool(charge.receipt_url)) == (2500, True, True)


@pytest.mark.parametrize(
    ("name", "code", "decline_code"),
    [
        ("pm_card_chargeCustomerFail", "card_declined", "generic_decline"),
        ("pm_card_authenticationRequired", "authentication_required", "authentication_required"),
    ],
)
def test_a_saved_card_may_be_refused(gateway, customer, name, code, decline_code):
    error = refused(gateway, off_session(customer, a_card(gateway, customer, name)))
    assert (error["code"], error["decline_code"]) == (code, decline_code)
    intent = gateway.v1.payment_intents.retrieve(error["payment_intent"]["id"])
    assert (intent.status, intent.payment_method) == ("requires_payment_method", None)


@pytest.mark.parametrize(
    ("name", "decline_code"),
    [
        ("pm_card_visa_chargeDeclined", "generic_decline"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "insufficient_funds"),
    ],
)
def test_a_card_that_its_bank_refuses_cannot_be_saved(gateway, customer, name, decline_code):
    with pytest.raises(stripe.CardError) as refusal:
        a_card(gateway, customer, name)
    assert refusal.value.code == "card_declined"
    assert refusal.value.error is not None
    assert refusal.value.error.decline_code == decline_code


def test_a_card_that_asks_sends_the_customer_away_and_says_where_to(gateway, customer):
    card = a_card(gateway, customer, "pm_card_authenticationRequired")
    given = off_session(customer, card, off_session=False, return_url="https://shop.example/back")
    intent = gateway.v1.payment_intents.create(given).to_dict()
    assert intent["status"] == "requires_action"
    assert intent["next_action"]["type"] == "redirect_to_url"
    assert intent["next_action"]["redirect_to_url"]["return_url"] == "https://shop.example/back"


def test_a_key_gives_the_same_answer_and_refuses_another_question(gateway, customer):
    key: Any = {"idempotency_key": str(uuid.uuid4())}
    given = off_session(customer, a_card(gateway, customer))
    first = gateway.v1.payment_intents.create(given, key)
    again = gateway.v1.payment_intents.create(given, key)
    assert first.id == again.id
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    with pytest.raises(stripe.IdempotencyError):
        gateway.v1.payment_intents.create({**given, "amount": 2600}, key)


def test_a_checkout_session_is_opened_and_expired(gateway, customer):
    session = a_session(gateway, customer=customer, expires_at=int(time.time()) + 3600)
    assert (session.status, session.payment_status, session.amount_total) == ("open", "unpaid", 1250)
    assert (session.payment_intent, bool(session.url)) == (None, True)
    ended = gateway.v1.checkout.sessions.expire(session.id)
    assert (ended.status, ended.url) == ("expired", None)


@pytest.mark.parametrize(
    ("given", "code", "param"),
    [
        ({"amount": 500, "currency": "eur", "colour": "red"}, "parameter_unknown", "colour"),
        ({"currency": "eur"}, "parameter_missing", "amount"),
        ({"amount": "much", "currency": "eur"}, "parameter_invalid_integer", "amount"),
        ({"amount": 1, "currency": "eur"}, "amount_too_small", "amount"),
        ({"amount": 500, "currency": "eur", "customer": "cus_nobody"}, "resource_missing", "customer"),
    ],
)
def test_a_wrong_request_is_refused_by_name(gateway, given, code, param):
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        gateway.v1.payment_intents.create(given)
    assert (refusal.value.http_status, refusal.value.code, refusal.value.param) == (400, code, param)


def test_an_unknown_id_is_404(gateway):
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        gateway.v1.payment_intents.retrieve("pi_nothing")
    assert (refusal.value.http_status, refusal.value.code) == (404, "resource_missing")


def test_what_is_answered_fits_the_type_hints(gateway, customer):
    """With Stripe itself this shows whether the check is fair: unknown fields are its newer ones."""
    intent = gateway.v1.payment_intents.create(off_session(customer, a_card(gateway, customer)))
    assert list(object_problems(intent.to_dict(), stripe.PaymentIntent, at="payment_intent")) == []
