"""The double is held against stripe-python's type hints: what it answers, and what it accepts."""

import contextlib
import typing
from collections.abc import Iterator
from typing import Any

import pytest
import stripe
import stripe.params as general
from stripe.params import checkout

from sandbox.accepted import ACCEPTED
from sandbox.parameters import Fields, Parameter
from sandbox.testing import SandboxProcess
from tests.integration.sandbox.conftest import a_card, a_session
from tests.integration.sandbox.stripe_types import (
    CLIENT_ONLY,
    bare,
    hints,
    literals,
    object_problems,
    options,
)

SHAPES: dict[str, type] = {
    "charge": stripe.Charge,
    "checkout.session": stripe.checkout.Session,
    "customer": stripe.Customer,
    "event": stripe.Event,
    "item": stripe.LineItem,
    "payment_intent": stripe.PaymentIntent,
    "payment_method": stripe.PaymentMethod,
    "refund": stripe.Refund,
    "setup_intent": stripe.SetupIntent,
    "webhook_endpoint": stripe.WebhookEndpoint,
}

PARAMETERS: dict[str, type] = {
    "POST /v1/customers": general.CustomerCreateParams,
    "GET /v1/customers": general.CustomerListParams,
    "GET /v1/customers/{ref}": general.CustomerRetrieveParams,
    "POST /v1/customers/{ref}": general.CustomerUpdateParams,
    "GET /v1/customers/{customer}/payment_methods": general.CustomerPaymentMethodListParams,
    "GET /v1/customers/{customer}/payment_methods/{ref}": general.CustomerPaymentMethodRetrieveParams,
    "DELETE /v1/customers/{ref}": general.CustomerDeleteParams,
    "GET /v1/payment_methods": general.PaymentMethodListParams,
    "GET /v1/payment_methods/{ref}": general.PaymentMethodRetrieveParams,
    "POST /v1/payment_methods/{ref}": general.PaymentMethodUpdateParams,
    "POST /v1/payment_methods/{ref}/attach": general.PaymentMethodAttachParams,
    "POST /v1/payment_methods/{ref}/detach": general.PaymentMethodDetachParams,
    "POST /v1/payment_intents": general.PaymentIntentCreateParams,
    "GET /v1/payment_intents": general.PaymentIntentListParams,
    "GET /v1/payment_intents/{ref}": general.PaymentIntentRetrieveParams,
    "POST /v1/payment_intents/{ref}/confirm": general.PaymentIntentConfirmParams,
    "POST /v1/payment_intents/{ref}/cancel": general.PaymentIntentCancelParams,
    "POST /v1/setup_intents": general.SetupIntentCreateParams,
    "GET /v1/setup_intents": general.SetupIntentListParams,
    "GET /v1/setup_intents/{ref}": general.SetupIntentRetrieveParams,
    "POST /v1/setup_intents/{ref}/confirm": general.SetupIntentConfirmParams,
    "POST /v1/setup_intents/{ref}/cancel": general.SetupIntentCancelParams,
    "GET /v1/charges": general.ChargeListParams,
    "GET /v1/charges/{ref}": general.ChargeRetrieveParams,
    "POST /v1/refunds": general.RefundCreateParams,
    "GET /v1/refunds": general.RefundListParams,
    "GET /v1/refunds/{ref}": general.RefundRetrieveParams,
    "POST /v1/checkout/sessions": checkout.SessionCreateParams,
    "GET /v1/checkout/sessions": checkout.SessionListParams,
    "GET /v1/checkout/sessions/{ref}": checkout.SessionRetrieveParams,
    "POST /v1/checkout/sessions/{ref}/expire": checkout.SessionExpireParams,
    "GET /v1/checkout/sessions/{ref}/line_items": checkout.SessionLineItemListParams,
    "GET /v1/events": general.EventListParams,
    "GET /v1/events/{ref}": general.EventRetrieveParams,
    "POST /v1/webhook_endpoints": general.WebhookEndpointCreateParams,
    "GET /v1/webhook_endpoints": general.WebhookEndpointListParams,
    "GET /v1/webhook_endpoints/{ref}": general.WebhookEndpointRetrieveParams,
    "DELETE /v1/webhook_endpoints/{ref}": general.WebhookEndpointDeleteParams,
}

# Stripe's types leave these open because other uses of the same request do without them; ours never does.
STRICTER_THAN_STRIPE = {
    "POST /v1/payment_methods/{ref}/attach customer",
    "POST /v1/checkout/sessions mode",
    "POST /v1/checkout/sessions success_url",
    "POST /v1/checkout/sessions line_items[][price_data]",
    "POST /v1/checkout/sessions line_items[][price_data][product_data]",
    "POST /v1/checkout/sessions line_items[][price_data][unit_amount]",
}


def everything_answered(client: stripe.StripeClient, sandbox: SandboxProcess) -> list[dict[str, Any]]:
    """Every kind of object in every state the double knows, as it went over the wire."""
    v1: Any = client.v1  # plain dicts go in, as JSON comes out
    answered: list[dict[str, Any]] = []

    def keep(answer: stripe.StripeObject) -> Any:
        answered.append(answer.to_dict())
        return answer

    customer = keep(
        v1.customers.create({"email": "alice@shop.example", "name": "Alice", "metadata": {"uid": "7"}})
    ).id
    keep(v1.customers.update(customer, {"address": {"city": "Gent", "country": "BE"}}))
    card, asks = a_card(client, customer), a_card(client, customer, "pm_card_authenticationRequired")
    later = a_card(client, customer, "pm_card_chargeCustomerFail")
    keep(v1.customers.update(customer, {"invoice_settings": {"default_payment_method": card}}))
    for each in (card, asks, later):
        keep(v1.payment_methods.retrieve(each))
    terms: Any = {"amount": 2500, "currency": "eur", "customer": customer, "description": "Premium"}
    on_session: Any = {**terms, "confirm": True, "return_url": "https://shop.example/back"}
    keep(v1.payment_intents.create(terms))
    keep(v1.payment_intents.cancel(v1.payment_intents.create(terms).id, {"cancellation_reason": "abandoned"}))
    paid = keep(v1.payment_intents.create({**on_session, "payment_method": card}))
    waiting = keep(v1.payment_intents.create({**on_session, "payment_method": asks}))
    sandbox.answer_bank(waiting.id, approve=False)
    keep(v1.payment_intents.retrieve(waiting.id))
    confirmed = v1.payment_intents.create({**on_session, "payment_method": asks}).id
    sandbox.answer_bank(confirmed, approve=True)
    keep(v1.payment_intents.retrieve(confirmed, {"expand": ["latest_charge", "customer", "payment_method"]}))
    for refused in (asks, later):
        with contextlib.suppress(stripe.CardError):
            v1.payment_intents.create(
                {**terms, "confirm": True, "off_session": True, "payment_method": refused}
            )
    keep(v1.refunds.create({"payment_intent": paid.id, "amount": 1000, "reason": "requested_by_customer"}))
    keep(v1.charges.retrieve(paid.latest_charge, {"expand": ["refunds"]}))
    for charge in v1.charges.list({"limit": 100}).data:
        keep(charge)
    saved = keep(v1.setup_intents.create({"customer": customer, "usage": "off_session"}))
    back: Any = {"return_url": "https://shop.example/back"}
    keep(v1.setup_intents.confirm(saved.id, {**back, "payment_method": "pm_card_visa"}))
    keep(v1.setup_intents.create({**back, "confirm": True, "payment_method": asks, "customer": customer}))
    with contextlib.suppress(stripe.CardError):
        v1.setup_intents.create({**back, "confirm": True, "payment_method": "pm_card_visa_chargeDeclined"})
    for intent in v1.setup_intents.list({"limit": 100}).data:
        keep(intent)
    open_one = keep(a_session(client, customer=customer, metadata={"order": "1"}))
    keep(v1.checkout.sessions.retrieve(open_one.id, {"expand": ["line_items", "customer"]}))
    sandbox.pay(open_one.id, card="4000000000000002")
    keep(v1.checkout.sessions.retrieve(open_one.id, {"expand": ["payment_intent"]}))
    sandbox.pay(open_one.id)
    keep(v1.checkout.sessions.retrieve(open_one.id))
    keep(v1.checkout.sessions.expire(a_session(client, customer_email="bob@shop.example").id))
    setup = keep(
        a_session(
            client, mode="setup", currency="eur", customer=customer, line_items=None, payment_intent_data=None
        )
    )
    sandbox.pay(setup.id)
    keep(v1.checkout.sessions.retrieve(setup.id, {"expand": ["setup_intent.payment_method"]}))
    keep(
        v1.webhook_endpoints.create(
            {"url": "https://shop.example/hook", "enabled_events": ["charge.succeeded"]}
        )
    )
    answered.extend(body.to_dict() for body in what_comes_later(client, sandbox, on_session, card))
    events = list(v1.events.list({"limit": 100}).auto_paging_iter())
    answered.extend(event.to_dict() for event in events)
    answered.extend(event.to_dict()["data"]["object"] for event in events)
    return answered


def what_comes_later(
    client: stripe.StripeClient, sandbox: SandboxProcess, terms: Any, card: str
) -> Iterator[stripe.StripeObject]:
    """Refunds over which the bank takes its time, or which it sends back, before and after; a card renewed and taken
    away; and the end of the customer."""
    v1: Any = client.v1
    for name in ("pm_card_pendingRefund", "pm_card_refundFail"):
        paying = a_card(client, terms["customer"], name)
        paid = v1.payment_intents.create({**terms, "payment_method": paying})
        refund = v1.refunds.create({"payment_intent": paid.id})
        yield refund
        sandbox.settle_refund(refund.id)
        yield v1.refunds.retrieve(refund.id)
        yield v1.charges.retrieve(paid.latest_charge)
    yield v1.payment_methods.update(card, {"card": {"exp_month": 1, "exp_year": 2040}})
    yield v1.payment_methods.detach(card)
    v1.customers.delete(terms["customer"])


def test_every_object_answered_fits_the_types_of_stripe_python(client, sandbox):
    found: set[str] = set()
    kinds: set[str] = set()
    for body in everything_answered(client, sandbox):
        kinds.add(body["object"])
        found.update(object_problems(body, SHAPES[body["object"]], at=body["object"]))
    assert sorted(found) == []
    assert kinds == set(SHAPES) - {"item"}  # line items come inside sessions


def test_the_check_sees_a_missing_field_an_unknown_one_a_foreign_word_and_a_wrong_type(client):
    body = client.v1.customers.create({"email": "a@shop.example"}).to_dict()
    spoilt = {**body, "colour": "red", "tax_exempt": "sometimes", "livemode": 0}
    del spoilt["created"]
    assert sorted(object_problems(spoilt, stripe.Customer, at="customer")) == [
        "customer.colour: unknown to Stripe",
        "customer.created: missing",
        "customer.livemode: 0 is not of type bool",
        "customer.tax_exempt: 'sometimes' is not one of Stripe's words",
    ]


def test_every_request_accepted_has_its_parameter_class():
    assert set(PARAMETERS) == set(ACCEPTED)


@pytest.mark.parametrize("request_name", sorted(ACCEPTED))
def test_every_parameter_accepted_is_one_of_stripe_pythons(request_name):
    found = set(parameter_problems(ACCEPTED[request_name], PARAMETERS[request_name], at=f"{request_name} "))
    assert found - STRICTER_THAN_STRIPE == set()


def test_what_is_said_to_be_stricter_than_stripe_is():
    found = {
        problem
        for name, fields in ACCEPTED.items()
        for problem in parameter_problems(fields, PARAMETERS[name], at=f"{name} ")
    }
    assert found == STRICTER_THAN_STRIPE


def parameter_problems(fields: Fields, shape: type, *, at: str) -> Iterator[str]:
    """Parameters Stripe does not have, has in another shape, or demands while we do not (or the reverse)."""
    known = {name: hint for name, hint in hints(shape).items() if name not in CLIENT_ONLY}
    nested = "[" in at or not at.endswith(" ")
    demanded: frozenset[str] = getattr(shape, "__required_keys__", frozenset())
    for name in sorted(demanded - set(fields) - CLIENT_ONLY):
        yield f"{at}{name} is demanded by Stripe and unknown to the double"
    for name, parameter in fields.items():
        here = f"{at}[{name}]" if nested else f"{at}{name}"
        if name not in known:
            yield f"{here} is unknown to Stripe"
            continue
        if parameter.required != (name in demanded):
            yield here
        yield from _shape_problems(parameter, known[name], at=here)


def _shape_problems(parameter: Parameter, hint: Any, *, at: str) -> Iterator[str]:
    allowed = [each for each in options(hint) if typing.get_origin(each) is not typing.Literal]
    classes = [each for each in map(bare, allowed) if isinstance(each, type)]
    if parameter.kind == "list":
        assert parameter.item is not None
        lists = [each for each in allowed if typing.get_origin(each) is list]
        if not lists:
            yield f"{at} is no list for Stripe"
            return
        yield from _shape_problems(parameter.item, typing.get_args(lists[0])[0], at=f"{at}[]")
    elif parameter.kind in ("hash", "created"):
        shapes = [each for each in classes if hasattr(each, "__required_keys__")]
        if not shapes:
            yield f"{at} is no hash for Stripe"
            return
        yield from parameter_problems(parameter.fields, shapes[0], at=at)
    elif parameter.kind == "integer" and int not in classes:
        yield f"{at} is no integer for Stripe"
    elif parameter.kind == "flag" and bool not in classes:
        yield f"{at} is no flag for Stripe"
    elif parameter.kind == "text":
        words = literals(hint)
        if words and not set(parameter.choices) <= words:
            yield f"{at}: {sorted(set(parameter.choices) - words)} are none of Stripe's words"
        if not words and str not in classes:
            yield f"{at} is no text for Stripe"


def test_every_kind_of_event_written_is_one_of_stripes(client, sandbox):
    everything_answered(client, sandbox)
    written = {event.type for event in client.v1.events.list({"limit": 100}).auto_paging_iter()}
    assert written <= literals(hints(stripe.Event)["type"])
    assert written == {
        "charge.failed",
        "charge.refunded",
        "charge.succeeded",
        "checkout.session.completed",
        "checkout.session.expired",
        "customer.created",
        "customer.deleted",
        "customer.updated",
        "payment_intent.canceled",
        "payment_intent.created",
        "payment_intent.payment_failed",
        "payment_intent.requires_action",
        "payment_intent.succeeded",
        "payment_method.attached",
        "payment_method.detached",
        "payment_method.updated",
        "refund.created",
        "refund.failed",
        "refund.updated",
        "setup_intent.created",
        "setup_intent.requires_action",
        "setup_intent.setup_failed",
        "setup_intent.succeeded",
    }
