"""Webhooks: signed, in order, repeated until taken, and whatever the switches do to them."""

import time
from pathlib import Path

import pytest
import stripe

from sandbox.testing import ControlRefused, SandboxProcess
from tests.integration.sandbox.conftest import Listener, a_session, client_of

A_PAYMENT = [
    "payment_intent.created",
    "charge.succeeded",
    "payment_intent.succeeded",
    "checkout.session.completed",
]


def pay_once(client, sandbox) -> None:
    """Four events, in the order of A_PAYMENT."""
    sandbox.pay(a_session(client).id)


def eventually(condition, *, seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_delivery_carries_stripes_signature_and_the_events_own_body(client, sandbox, listener):
    customer = client.v1.customers.create({"email": "a@shop.example"})
    listener.wait_for(1)
    body, signature = listener.heard[0]
    event = stripe.Webhook.construct_event(body, signature, sandbox.webhook_secret)
    assert (event.type, event.api_version, event.livemode) == ("customer.created", "2026-10-28.endive", False)
    assert event.to_dict()["data"]["object"]["id"] == customer.id
    assert event.pending_webhooks == 1
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(body, signature, "whsec_other")
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(body + b" ", signature, sandbox.webhook_secret)
    eventually(lambda: client.v1.events.retrieve(event.id).pending_webhooks == 0)


def test_an_event_names_the_request_that_caused_it(client):
    made = client.v1.customers.create({}, {"idempotency_key": "attempt:7"})
    event = client.v1.events.list().data[0].to_dict()
    assert event["request"] == {"id": made.last_response.request_id, "idempotency_key": "attempt:7"}


def test_events_arrive_in_the_order_they_happened(client, sandbox, listener):
    pay_once(client, sandbox)
    listener.wait_for(4)
    assert listener.types == A_PAYMENT


def test_each_event_may_be_sent_more_than_once(client, sandbox, listener):
    sandbox.control(duplicate=2)
    pay_once(client, sandbox)
    heard = listener.wait_for(12)
    assert sorted(listener.types) == sorted(A_PAYMENT * 3)
    assert len({event["id"] for event in heard}) == 4
    eventually(lambda: sandbox.state()["deliveries"]["delivered"] == 12)


def test_a_burst_may_arrive_in_reverse(client, sandbox, listener):
    sandbox.control(reorder=True)
    pay_once(client, sandbox)
    listener.wait_for(4)
    assert listener.types == A_PAYMENT[::-1]


def test_deliveries_may_be_late(client, sandbox, listener):
    sandbox.control(delay=0.4)
    before = time.time()
    client.v1.customers.create({})
    listener.wait_for(1)
    assert time.time() - before >= 0.4


def test_events_may_be_lost_by_number_and_type(client, sandbox, listener):
    sandbox.control(drop={"types": ["checkout.session.completed"], "count": 1})
    pay_once(client, sandbox)
    pay_once(client, sandbox)
    listener.wait_for(7)
    assert listener.types == [*A_PAYMENT[:3], *A_PAYMENT]
    assert sandbox.state()["deliveries"]["dropped"] == 1
    assert len(client.v1.events.list({"type": "checkout.session.completed"}).data) == 2


def test_all_events_may_be_lost_until_told_otherwise(client, sandbox, listener):
    sandbox.control(drop={})
    pay_once(client, sandbox)
    sandbox.control(drop=None)
    client.v1.customers.create({})
    listener.wait_for(1)
    assert listener.types == ["customer.created"]
    give_up = time.monotonic() + 10
    while sandbox.state()["deliveries"]["waiting"] and time.monotonic() < give_up:
        time.sleep(0.02)  # it writes down that it was heard after it was
    assert sandbox.state()["deliveries"] == {
        "waiting": 0,
        "delivered": 1,
        "dropped": 4,
        "failed": 0,
        "attempts": 1,
    }


def test_deliveries_wait_while_paused_and_go_on_afterwards(client, sandbox, listener):
    sandbox.control(paused=True)
    pay_once(client, sandbox)
    assert sandbox.state()["deliveries"]["waiting"] == 4
    assert listener.heard == []
    sandbox.control(paused=False)
    listener.wait_for(4)
    assert listener.types == A_PAYMENT


def test_waiting_deliveries_can_be_made_at_once(client, sandbox, listener):
    sandbox.control(paused=True)
    pay_once(client, sandbox)
    assert sandbox.flush() == 4
    assert listener.types == A_PAYMENT
    assert sandbox.flush() == 0


def test_a_delivery_that_is_not_taken_comes_again_later(client, sandbox, listener):
    listener.answers = [500, 302, 204]
    client.v1.customers.create({})
    listener.wait_for(3)
    assert len({event["id"] for event in listener.events}) == 1
    eventually(lambda: sandbox.state()["deliveries"]["delivered"] == 1)
    made = sandbox.deliveries()[0]
    assert (made["attempts"], made["last_outcome"]) == (3, "204")


def test_an_event_that_is_not_taken_does_not_hold_up_the_next(client, sandbox, listener):
    listener.answers = [500, 200]
    client.v1.customers.create({"email": "first@shop.example"})
    client.v1.customers.create({"email": "second@shop.example"})
    heard = listener.wait_for(3)
    assert [event["data"]["object"]["email"].split("@")[0] for event in heard] == ["first", "second", "first"]


def test_an_endpoint_hears_only_the_events_it_asked_for(client, sandbox, listener):
    endpoint = client.v1.webhook_endpoints.create(
        {"url": listener.url, "enabled_events": ["charge.succeeded"]}
    )
    pay_once(client, sandbox)
    listener.wait_for(5)
    own = [verifies(body, signature, secret=str(endpoint.secret)) for body, signature in listener.heard]
    heard = [kind for kind, mine in zip(listener.types, own, strict=True) if mine]
    assert (heard, own.count(False)) == (["charge.succeeded"], 4)
    client.v1.webhook_endpoints.delete(endpoint.id)
    assert [each.id for each in client.v1.webhook_endpoints.list().data] == ["we_sandbox"]


def verifies(body: bytes, signature: str, *, secret: str) -> bool:
    try:
        stripe.Webhook.construct_event(body, signature, secret)
    except stripe.SignatureVerificationError:
        return False
    return True


@pytest.mark.parametrize(
    "setting",
    [
        {"colour": "red"},
        {"duplicate": -1},
        {"duplicate": True},
        {"delay": "long"},
        {"drop": {"kinds": []}},
        {"fail_next": {"kind": "earthquake"}},
        {"fail_next": {}},
        {"webhook_url": "nowhere"},
    ],
)
def test_a_setting_that_does_not_exist_is_refused(sandbox, setting):
    with pytest.raises(ControlRefused):
        sandbox.control(**setting)


def test_waiting_deliveries_survive_the_end_of_the_process(tmp_path: Path, listener: Listener):
    with SandboxProcess(data=tmp_path) as first:
        client_of(first).v1.customers.create({"email": "kept@shop.example"})
        assert first.state()["deliveries"]["waiting"] == 1
        assert first.stop() == 0
    with SandboxProcess(data=tmp_path, webhook_url=listener.url) as second:
        heard = listener.wait_for(1)
        assert heard[0]["data"]["object"]["email"] == "kept@shop.example"
        assert len(client_of(second).v1.customers.list().data) == 1


def test_a_process_ended_in_the_middle_of_a_delivery_makes_it_again(tmp_path: Path, listener: Listener):
    listener.waits = 6
    with SandboxProcess(data=tmp_path, webhook_url=listener.url) as first:
        client_of(first).v1.customers.create({})
        listener.wait_for(1)  # the endpoint has it and has not answered
        started = time.monotonic()
        assert first.stop() == 0
        assert time.monotonic() - started < 5
    with SandboxProcess(data=tmp_path, webhook_url=listener.url) as second:
        heard = listener.wait_for(2)
        assert heard[0]["id"] == heard[1]["id"]
        eventually(lambda: second.state()["deliveries"]["delivered"] == 1)
