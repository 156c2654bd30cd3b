"""The door through which the gateway tells us things."""

import time

import pytest
from django.test import Client
from django.utils import timezone

from memberships.models import InboundEvent
from memberships.webhooks import inbox
from memberships.webhooks.registry import kinds, on
from tests.factories.events import body_of, signature_of

SECRET = "whsec_tests"
URL = "/webhooks/stripe/"
NUMBERED = b'{"id": 7, "type": "x", "data": {"object": {}}}'
BODY = body_of(event_id="evt_1", kind="checkout.session.completed", object_id="cs_unknown")


@pytest.fixture
def network() -> Client:
    return Client(headers={"host": "localhost"})


@pytest.fixture
def queued(monkeypatch) -> list[int]:
    """The ids of the events whose task was queued."""
    ids: list[int] = []
    monkeypatch.setattr(
        "memberships.tasks.handle_inbound_event.enqueue", lambda *, event_id: ids.append(event_id)
    )
    return ids


def post(client: Client, body: bytes, signature: str):
    return client.post(URL, body, content_type="application/json", headers={"stripe-signature": signature})


def test_a_signed_event_is_stored_queued_and_acknowledged_with_one_statement(
    db, network, queued, django_assert_num_queries
):
    assert (
        InboundEvent.objects.count() == 0
    )  # and the connection knows its schema, as one that has served before does
    with django_assert_num_queries(1):
        response = post(network, BODY, signature_of(BODY, SECRET))
    event = InboundEvent.objects.get()
    assert response.status_code == 200
    assert (event.external_id, event.kind, event.object_id) == (
        "evt_1",
        "checkout.session.completed",
        "cs_unknown",
    )
    assert (event.state, queued) == ("received", [event.pk])


def test_the_same_event_twenty_times_is_one_row_and_one_task(db, network, queued):
    statuses = {post(network, BODY, signature_of(BODY, SECRET)).status_code for _ in range(20)}
    assert (statuses, InboundEvent.objects.count(), len(queued)) == ({200}, 1, 1)


@pytest.mark.parametrize(
    ("body", "signature"),
    [
        (BODY, ""),
        (BODY, "t=1,v1=00"),
        (BODY, signature_of(BODY, "whsec_other")),
        (BODY, signature_of(BODY, SECRET, at=time.time() - 3600)),
        (BODY + b" ", signature_of(BODY, SECRET)),
        (b"[]", signature_of(b"[]", SECRET)),
        (b"not json", signature_of(b"not json", SECRET)),
        (b"\xff\xfe", "t=1,v1=00"),
        (NUMBERED, signature_of(NUMBERED, SECRET)),
    ],
    ids=[
        "unsigned",
        "forged",
        "other secret",
        "an hour old",
        "changed body",
        "a list",
        "no json",
        "no text",
        "bad id",
    ],
)
def test_what_stripe_did_not_sign_is_refused_and_leaves_no_row(db, network, queued, body, signature):
    response = post(network, body, signature)
    assert (response.status_code, InboundEvent.objects.count(), queued) == (400, 0, [])


def named(name: str) -> bytes:
    """An event as Stripe writes it about a customer who typed `name`, given as it stands in JSON."""
    event = body_of(event_id="evt_9", kind="customer.updated", object_id="cus_1")
    return event.replace(b'"object": "thing"', b'"name": "' + name.encode() + b'"')


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (r"NUL \u0000!", "NUL \ufffd!"),
        (r"half \ud800!", "half \ufffd!"),
        (r"other half \uDFFF!", "other half \ufffd!"),
        (r"halves the wrong way round \udc00\ud800!", "halves the wrong way round \ufffd\ufffd!"),
        (r"a heart \ud83d\udc99!", "a heart 💙!"),
        (r"no escape \\u0000!", r"no escape \u0000!"),
        ("raw 💙 and é!", "raw 💙 and é!"),
    ],
)
def test_whatever_people_type_into_their_names_the_event_is_stored(db, network, queued, typed, kept):
    body = named(typed)
    assert post(network, body, signature_of(body, SECRET)).status_code == 200
    assert (InboundEvent.objects.get().payload["data"]["object"]["name"], len(queued)) == (kept, 1)


@pytest.mark.parametrize(
    "body",
    [
        body_of(event_id="evt\x00", kind="x", object_id=""),
        body_of(event_id="evt", kind="x", object_id="\ud800"),
        b'{"id": "evt", "type": "x", "n": NaN, "data": {"object": {}}}',
        b'{"id": "evt", "type": "x", "n": 1e999999, "data": {"object": {}}}',
        b'{"id": "evt", "type": "x", "n": ' + b"[" * 100_000 + b"]" * 100_000 + b', "data": {"object": {}}}',
    ],
    ids=["NUL in its id", "half a character in an id", "no number", "too large a number", "too deep"],
)
@pytest.mark.django_db(transaction=True)
def test_a_signed_event_that_cannot_be_stored_is_refused(network, queued, body):
    response = post(network, body, signature_of(body, SECRET))
    assert (response.status_code, InboundEvent.objects.count(), queued) == (400, 0, [])


def test_without_a_secret_nothing_is_accepted(db, network, settings):
    settings.STRIPE_WEBHOOK_SECRET = ""
    assert post(network, BODY, signature_of(BODY, "")).status_code == 400
    assert InboundEvent.objects.count() == 0


def test_reading_the_address_is_not_allowed(db, network):
    assert network.get(URL).status_code == 405


def test_an_unknown_kind_is_kept_and_ignored(db, network, queued):
    body = body_of(event_id="evt_2", kind="invoice.created", object_id="in_1")
    post(network, body, signature_of(body, SECRET))
    event = inbox.handle(event_id=queued[0], now=timezone.now())
    assert (event.state, event.effect, event.attempts) == ("ignored", "", 1)


def test_an_unknown_object_causes_no_call_to_stripe(db, network, queued, settings):
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    post(network, BODY, signature_of(BODY, SECRET))
    assert inbox.handle(event_id=queued[0], now=timezone.now()).state == "ignored"


def test_every_kind_that_something_is_done_for_can_be_asked_for_at_once():
    assert len(kinds()) <= 20  # Stripe's limit


def test_the_documentation_names_every_kind_to_subscribe_to(settings):
    page = (settings.ROOT / "docs" / "gateways.md").read_text()
    listed = page.split("for\n\n")[1].split("\n\n")[0].split()
    assert sorted(listed) == sorted(kinds())


def test_an_event_is_handled_with_two_statements_when_it_concerns_nothing_of_ours(
    db, network, queued, django_assert_num_queries
):
    body = body_of(event_id="evt_4", kind="invoice.created", object_id="in_1")
    post(network, body, signature_of(body, SECRET))
    with django_assert_num_queries(2):
        inbox.handle(event_id=queued[0], now=timezone.now())


def test_an_event_that_somebody_else_has_handled_meanwhile_keeps_their_word(db, monkeypatch):
    event = InboundEvent.objects.create(
        source="stripe", external_id="evt_5", kind="x", payload={}, received_at=timezone.now()
    )

    def slowly(handled, now):
        if handled.attempts == 0:
            InboundEvent.objects.filter(pk=event.pk).update(state="handled", effect="theirs")
        return "ours"

    monkeypatch.setattr(inbox, "handler_of", lambda kind: slowly)
    inbox.handle(event_id=event.pk, now=timezone.now())
    event.refresh_from_db()
    assert (event.state, event.effect) == ("handled", "theirs")


def test_a_failing_handler_leaves_the_event_with_its_error_for_the_sweep(db, monkeypatch):
    def fail(event, now):
        raise ConnectionError("no line")

    monkeypatch.setattr(inbox, "handler_of", lambda kind: fail)
    event = InboundEvent.objects.create(
        source="stripe", external_id="evt_3", kind="x", payload={}, received_at=timezone.now()
    )
    with pytest.raises(ConnectionError):
        inbox.handle(event_id=event.pk, now=timezone.now())
    event.refresh_from_db()
    assert (event.state, event.error, event.attempts) == ("failed", "ConnectionError: no line", 1)
    left = InboundEvent.objects.left_behind(received_before=timezone.now(), most_attempts=10)
    assert list(left) == [event]


def test_two_handlers_of_one_kind_fail_at_once():
    with pytest.raises(RuntimeError, match="Two handlers for checkout"):
        on("checkout.session.completed")(lambda event, now: "")


def test_a_broker_that_is_down_loses_nothing(db, network, monkeypatch):
    from kombu.exceptions import OperationalError

    def refuse(*args, **kwargs):
        raise OperationalError("broker is gone")

    monkeypatch.setattr("memberships.tasks.handle_inbound_event.apply_async", refuse)
    assert post(network, BODY, signature_of(BODY, SECRET)).status_code == 200
    assert InboundEvent.objects.left_behind(received_before=timezone.now(), most_attempts=10).count() == 1
