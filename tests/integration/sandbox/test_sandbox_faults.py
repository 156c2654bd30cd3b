"""Requests that fail because a test asked for it, and what a retry with the same key finds."""

from typing import Any

import pytest
import stripe

from tests.integration.sandbox.conftest import a_card, client_of

KEY: Any = {"idempotency_key": "attempt:1"}


@pytest.fixture
def payment(client) -> Any:
    customer = client.v1.customers.create({}).id
    return {
        "amount": 2500,
        "currency": "eur",
        "customer": customer,
        "payment_method": a_card(client, customer),
        "confirm": True,
        "off_session": True,
    }


def test_a_time_out_after_charging_is_a_lost_answer_and_a_retry_finds_the_one_charge(
    client, sandbox, payment
):
    sandbox.control(fail_next={"kind": "timeout_after", "path": "/v1/payment_intents"})
    with pytest.raises(stripe.APIConnectionError):
        client.v1.payment_intents.create(payment, KEY)
    assert sandbox.state()["charges"]["succeeded"] == 1
    again = client.v1.payment_intents.create(payment, KEY)
    assert sandbox.state()["charges"] == {"succeeded": 1, "failed": 0, "by_payment_intent": {again.id: 1}}


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("cut_before", stripe.APIConnectionError),
        ("server_error", stripe.APIError),
        ("rate_limit", stripe.RateLimitError),
    ],
)
def test_a_request_that_fails_before_its_work_does_nothing_and_keeps_its_key_usable(
    client, sandbox, payment, kind, error
):
    sandbox.control(fail_next={"kind": kind, "times": 2})
    for _ in range(2):
        with pytest.raises(error):
            client.v1.payment_intents.create(payment, KEY)
    assert sandbox.state()["charges"]["succeeded"] == 0
    assert client.v1.payment_intents.create(payment, KEY).status == "succeeded"
    assert sandbox.state()["charges"]["succeeded"] == 1


def test_stripe_pythons_own_retries_charge_once(sandbox, payment):
    sandbox.control(fail_next={"kind": "timeout_after", "times": 2})
    intent = client_of(sandbox, max_network_retries=2).v1.payment_intents.create(payment)
    assert intent.status == "succeeded"
    assert sandbox.state()["charges"] == {"succeeded": 1, "failed": 0, "by_payment_intent": {intent.id: 1}}


def test_a_fault_waits_for_the_path_and_method_it_is_meant_for(client, sandbox):
    sandbox.control(fail_next={"kind": "server_error", "path": "/v1/customers/*", "method": "GET"})
    customer = client.v1.customers.create({}).id
    client.v1.customers.update(customer, {"name": "Alice"})
    with pytest.raises(stripe.APIError):
        client.v1.customers.retrieve(customer)
    assert client.v1.customers.retrieve(customer).name == "Alice"


def test_faults_come_one_after_the_other_and_can_be_called_off(client, sandbox):
    sandbox.control(fail_next={"kind": "rate_limit"})
    sandbox.control(fail_next={"kind": "server_error", "times": 9})
    with pytest.raises(stripe.RateLimitError):
        client.v1.customers.create({})
    with pytest.raises(stripe.APIError):
        client.v1.customers.create({})
    sandbox.control(fail_next=None)
    assert client.v1.customers.create({}).object == "customer"


def test_requests_are_counted_by_what_they_asked_for(client, sandbox):
    customer = client.v1.customers.create({}).id
    client.v1.customers.retrieve(customer)
    client.v1.customers.retrieve(customer)
    assert sandbox.state()["settings"]["requests"] == {"POST /v1/customers": 1, "GET /v1/customers/{ref}": 2}
