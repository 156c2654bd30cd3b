"""Paying: on the hosted page, by a saved card, with the bank's question."""

import contextlib
import re
import sqlite3
import time
import urllib.error
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import stripe

from tests.integration.sandbox.conftest import a_card, a_session

PAYS, DECLINED, NO_FUNDS = "4242424242424242", "4000000000000002", "4000000000009995"
ASKS, LATER = "4000002760003184", "4000000000000341"


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def browse(url: str | None, **form: str) -> tuple[int, str, str]:
    """What a browser without JavaScript gets: status, page, and where it is sent."""
    assert url is not None  # a session that is over has no page
    data = urllib.parse.urlencode(form).encode() if form else None
    try:
        with urllib.request.build_opener(_Stay).open(url, data) as answered:
            return answered.status, answered.read().decode(), ""
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode(), error.headers.get("Location", "")


@pytest.fixture
def customer(client):
    return client.v1.customers.create({"email": "alice@shop.example"}).id


def test_the_page_shows_what_is_paid_and_that_it_is_a_test(client, customer):
    session = a_session(client, customer=customer)
    status, page, _ = browse(session.url)
    assert status == 200
    for text in (
        "Test mode",
        "€12.50",
        "Premium",
        "alice@shop.example",
        'href="https://shop.example/basket"',
    ):
        assert text in page
    assert re.findall(r'name="card"\s+value="(\d+)"', page) == [
        *(PAYS, DECLINED, NO_FUNDS, ASKS, LATER),
        *("4000000000007726", "4000000000005126"),
    ]
    assert "<script" not in page


def test_a_card_that_pays_completes_the_session_and_is_saved(client, customer):
    session = a_session(client, customer=customer, metadata={"order": "7"}, client_reference_id="ref-7")
    status, _, onward = browse(session.url, card=PAYS)
    assert (status, onward) == (303, f"https://shop.example/done?session={session.id}")
    paid = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]}).to_dict()
    assert (paid["status"], paid["payment_status"], paid["url"]) == ("complete", "paid", None)
    assert (paid["metadata"], paid["client_reference_id"]) == ({"order": "7"}, "ref-7")
    intent = paid["payment_intent"]
    assert (intent["status"], intent["amount_received"], intent["currency"]) == ("succeeded", 1250, "eur")
    saved = client.v1.customers.payment_methods.list(customer).data
    assert [each.id for each in saved] == [intent["payment_method"]]
    assert saved[0].to_dict()["card"]["last4"] == "4242"
    assert [event.type for event in client.v1.events.list().data][::-1] == [
        "customer.created",
        "payment_intent.created",
        "charge.succeeded",
        "payment_method.attached",
        "payment_intent.succeeded",
        "checkout.session.completed",
    ]


def test_without_future_usage_the_card_is_not_saved(client, customer):
    session = a_session(client, customer=customer, payment_intent_data={"metadata": {"order": "8"}})
    browse(session.url, card=PAYS)
    intent = client.v1.payment_intents.list({"customer": customer}).data[0]
    assert intent.metadata.to_dict() == {"order": "8"}
    assert client.v1.customers.payment_methods.list(customer).data == []


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"card": DECLINED}, "Your card was declined."),
        ({"card": NO_FUNDS}, "Your card has insufficient funds."),
        ({"card": LATER}, "Your card was declined."),
        ({"card": PAYS, "number": "4242 4242 4242 4241"}, "Your card number is incorrect."),
        ({"nothing": "chosen"}, "Your card number is incorrect."),
    ],
)
def test_a_refused_card_is_told_and_another_may_be_tried(client, sandbox, customer, form, said):
    session = a_session(client, customer=customer)
    status, page, _ = browse(session.url, **form)
    assert (status, said in page) == (200, True)
    assert client.v1.checkout.sessions.retrieve(session.id).status == "open"
    assert browse(session.url, card=PAYS)[0] == 303
    assert sandbox.state()["charges"]["succeeded"] == 1
    assert len(client.v1.payment_intents.list().data) == 1


def test_a_card_that_asks_is_confirmed_on_a_second_page(client, sandbox, customer):
    session = a_session(client, customer=customer)
    status, _, confirm = browse(session.url, card=ASKS)
    assert (status, confirm.startswith("/confirm/pi_")) == (303, True)
    assert client.v1.payment_intents.retrieve(confirm.removeprefix("/confirm/")).status == "requires_action"
    page = browse(sandbox.base_url + confirm)[1]
    assert "Confirm with your bank" in page
    assert "€12.50" in page
    status, _, back = browse(sandbox.base_url + confirm, answer="fail")
    assert (status, back) == (303, f"/pay/{session.id}")
    assert "unable to authenticate" in browse(sandbox.base_url + back)[1]
    confirm = browse(session.url, card=ASKS)[2]
    assert (
        browse(sandbox.base_url + confirm, answer="approve")[2]
        == f"https://shop.example/done?session={session.id}"
    )
    assert (
        browse(sandbox.base_url + confirm, answer="approve")[2]
        == f"https://shop.example/done?session={session.id}"
    )
    assert sandbox.state()["charges"] == {
        "succeeded": 1,
        "failed": 0,
        "by_payment_intent": {confirm.removeprefix("/confirm/"): 1},
    }


def test_the_form_sent_twenty_times_at_once_charges_once(client, sandbox, customer):
    session = a_session(client, customer=customer)
    with ThreadPoolExecutor(20) as pool:
        answered = list(pool.map(lambda _: browse(session.url, card=PAYS), range(20)))
    assert {(status, onward) for status, _, onward in answered} == {
        (303, f"https://shop.example/done?session={session.id}")
    }
    assert sandbox.state()["charges"]["succeeded"] == 1


def test_a_paid_session_shows_the_way_back(client, sandbox, customer):
    session = a_session(client, customer=customer)
    sandbox.pay(session.id)
    status, page, _ = browse(f"{sandbox.base_url}/pay/{session.id}")
    assert (status, "This is paid" in page, f"https://shop.example/done?session={session.id}" in page) == (
        200,
        True,
        True,
    )


def test_an_expired_session_cannot_be_paid(client, sandbox, customer):
    session = a_session(client, customer=customer)
    browse(session.url, card=DECLINED)
    expired = client.v1.checkout.sessions.expire(session.id)
    assert (expired.status, expired.url) == ("expired", None)
    status, page, _ = browse(f"{sandbox.base_url}/pay/{session.id}", card=PAYS)
    assert (status, "has expired" in page) == (410, True)
    assert sandbox.pay(session.id)["outcome"] == "expired"
    assert sandbox.state()["charges"] == {"succeeded": 0, "failed": 1, "by_payment_intent": {}}
    assert client.v1.payment_intents.list().data[0].status == "canceled"
    with pytest.raises(stripe.InvalidRequestError, match="status of expired"):
        client.v1.checkout.sessions.expire(session.id)


def test_a_session_lives_half_an_hour_to_a_day(client):
    now = int(time.time())
    for expires_at in (now + 29 * 60, now + 25 * 60 * 60):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            a_session(client, expires_at=expires_at)
        assert refused.value.param == "expires_at"
    assert a_session(client, expires_at=now + 31 * 60).expires_at == now + 31 * 60


def test_a_session_expires_by_itself_when_its_time_has_come(client, sandbox, listener, customer):
    session = a_session(client, customer=customer)
    with contextlib.closing(sqlite3.connect(sandbox.data / "sandbox.sqlite3")) as database:
        database.execute(
            "update sandbox_resource set body = json_set(body, '$.expires_at', ?) where ref = ?",
            (int(time.time()), session.id),
        )
        database.commit()
    assert listener.wait_for(2)[1]["type"] == "checkout.session.expired"
    assert client.v1.checkout.sessions.retrieve(session.id).status == "expired"


@pytest.mark.parametrize(
    ("changes", "param"),
    [
        ({"line_items": None}, "line_items"),
        ({"success_url": "javascript:alert(1)"}, "success_url"),
        ({"cancel_url": "/basket"}, "cancel_url"),
        ({"setup_intent_data": {}}, None),
        ({"mode": "setup", "currency": "eur"}, "line_items"),
        ({"mode": "setup", "line_items": None, "payment_intent_data": None}, "currency"),
        ({"customer": "cus_nobody"}, "customer"),
        ({"currency": "usd"}, "line_items"),
    ],
)
def test_a_session_that_makes_no_sense_is_refused(client, changes, param):
    if param is None:
        assert a_session(client, **changes).status == "open"  # an empty hash is not sent
        return
    with pytest.raises(stripe.InvalidRequestError) as refused:
        a_session(client, **changes)
    assert refused.value.param == param


def test_an_unknown_payment_page_is_404(sandbox):
    assert browse(f"{sandbox.base_url}/pay/cs_test_nothing")[0] == 404
    assert browse(f"{sandbox.base_url}/confirm/pi_nothing")[0] == 404
    assert browse(f"{sandbox.base_url}/receipts/ch_nothing")[0] == 404


def test_its_first_page_says_what_answers_here(client, sandbox, customer):
    sandbox.pay(a_session(client, customer=customer).id)
    status, page, _ = browse(f"{sandbox.base_url}/")
    numbers = re.findall(r'<span class="number">(\d+)</span>', page)
    assert (status, "plays the payment provider" in page, numbers[:4]) == (200, True, ["1", "1", "0", "6"])


def test_setup_mode_saves_a_card_without_charging(client, sandbox, customer):
    session = a_session(
        client, mode="setup", currency="eur", customer=customer, line_items=None, payment_intent_data=None
    )
    assert (session.payment_status, session.amount_total) == ("no_payment_required", None)
    assert "Save a card" in browse(session.url)[1]
    assert "Your card was declined." in browse(session.url, card=DECLINED)[1]
    assert browse(session.url, card=LATER)[2] == f"https://shop.example/done?session={session.id}"
    done = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["setup_intent"]}).to_dict()
    assert (done["status"], done["setup_intent"]["status"]) == ("complete", "succeeded")
    saved = client.v1.customers.payment_methods.list(customer).data[0]
    assert saved.id == done["setup_intent"]["payment_method"]
    assert sandbox.state()["charges"]["succeeded"] == 0


def said(refusal: stripe.CardError) -> dict[str, Any]:
    assert refusal.error is not None
    return refusal.error.to_dict()


def charge(client: stripe.StripeClient, customer: str, card: str, **changes: Any) -> stripe.PaymentIntent:
    given: Any = {
        "amount": 2500,
        "currency": "eur",
        "customer": customer,
        "payment_method": card,
        "confirm": True,
        **changes,
    }
    return client.v1.payment_intents.create(given)


def test_a_saved_card_is_charged_off_session(client, sandbox, customer):
    intent = charge(client, customer, a_card(client, customer), off_session=True)
    assert (intent.status, intent.amount_received) == ("succeeded", 2500)
    paid = client.v1.charges.retrieve(str(intent.latest_charge)).to_dict()
    assert (paid["status"], paid["paid"], paid["payment_method_details"]["card"]["last4"]) == (
        "succeeded",
        True,
        "4242",
    )
    status, page, _ = browse(paid["receipt_url"])
    assert (status, "€25.00" in page, "4242" in page) == (200, True, True)


def test_a_saved_card_that_declines_later_leaves_the_intent_waiting_for_another(client, customer):
    with pytest.raises(stripe.CardError) as refused:
        charge(client, customer, a_card(client, customer, "pm_card_chargeCustomerFail"), off_session=True)
    error = said(refused.value)
    assert (refused.value.http_status, error["code"], error["decline_code"]) == (
        402,
        "card_declined",
        "generic_decline",
    )
    intent = error["payment_intent"]
    assert (intent["status"], intent["payment_method"]) == ("requires_payment_method", None)
    assert intent["last_payment_error"]["charge"] == error["charge"]
    again = client.v1.payment_intents.confirm(
        intent["id"], {"payment_method": a_card(client, customer), "return_url": "https://shop.example/back"}
    )
    assert (again.status, again.last_payment_error) == ("succeeded", None)


def test_a_saved_card_that_asks_is_refused_off_session(client, customer):
    card = a_card(client, customer, "pm_card_authenticationRequired")
    with pytest.raises(stripe.CardError) as refused:
        charge(client, customer, card, off_session=True)
    error = said(refused.value)
    assert (error["code"], error["decline_code"]) == ("authentication_required", "authentication_required")
    assert error["payment_intent"]["status"] == "requires_payment_method"
    assert error["payment_method"]["id"] == card


@pytest.mark.parametrize(
    ("answer", "status", "word"),
    [("approve", "succeeded", "succeeded"), ("fail", "requires_payment_method", "failed")],
)
def test_a_saved_card_that_asks_sends_the_customer_to_the_bank_and_back(
    client, customer, answer, status, word
):
    card = a_card(client, customer, "pm_card_authenticationRequired")
    intent = charge(client, customer, card, return_url="https://shop.example/back?order=7").to_dict()
    assert intent["status"] == "requires_action"
    action = intent["next_action"]
    assert action["type"] == "redirect_to_url"
    assert action["redirect_to_url"]["return_url"] == "https://shop.example/back?order=7"
    code, _, onward = browse(action["redirect_to_url"]["url"], answer=answer)
    assert code == 303
    parts = urllib.parse.urlsplit(onward)
    assert parts._replace(query="").geturl() == "https://shop.example/back"
    assert dict(urllib.parse.parse_qsl(parts.query)) == {
        "order": "7",
        "payment_intent": intent["id"],
        "payment_intent_client_secret": intent["client_secret"],
        "redirect_status": word,
    }
    assert client.v1.payment_intents.retrieve(intent["id"]).status == status


def test_an_on_session_payment_must_say_where_to_return(client, customer):
    card = a_card(client, customer)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        charge(client, customer, card)
    assert refused.value.param == "return_url"
    stays = {"enabled": True, "allow_redirects": "never"}
    assert charge(client, customer, card, automatic_payment_methods=stays).status == "succeeded"


def test_a_card_of_another_customer_is_refused(client, customer):
    other = client.v1.customers.create({}).id
    card = a_card(client, other)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        charge(client, customer, card, off_session=True)
    assert refused.value.param == "payment_method"
    with pytest.raises(stripe.InvalidRequestError, match="belongs to the Customer"):
        client.v1.payment_intents.create({"amount": 500, "currency": "eur", "payment_method": card})


def test_a_detached_card_is_gone_for_good(client, customer):
    card = a_card(client, customer)
    client.v1.customers.update(customer, {"invoice_settings": {"default_payment_method": card}})
    assert client.v1.payment_methods.detach(card).customer is None
    assert client.v1.customers.payment_methods.list(customer).data == []
    assert (
        client.v1.customers.retrieve(customer).to_dict()["invoice_settings"]["default_payment_method"] is None
    )
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.payment_methods.attach(card, {"customer": customer})
    with pytest.raises(stripe.InvalidRequestError):
        charge(client, customer, card, off_session=True)


def test_a_saved_card_can_be_made_to_behave_like_another(client, sandbox, customer):
    card = a_card(client, customer)
    sandbox.change_card(card, card=LATER)
    with pytest.raises(stripe.CardError):
        charge(client, customer, card, off_session=True)
    sandbox.change_card(card, card=PAYS)
    assert charge(client, customer, card, off_session=True).status == "succeeded"


def test_an_open_intent_is_canceled_and_a_paid_one_is_not(client, customer):
    intent = client.v1.payment_intents.create({"amount": 500, "currency": "eur"})
    canceled = client.v1.payment_intents.cancel(intent.id, {"cancellation_reason": "abandoned"})
    assert (canceled.status, canceled.cancellation_reason) == ("canceled", "abandoned")
    paid = charge(client, customer, a_card(client, customer), off_session=True)
    for ref in (intent.id, paid.id):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            client.v1.payment_intents.cancel(ref)
        assert refused.value.code == "payment_intent_unexpected_state"


def test_the_intent_of_a_session_is_neither_confirmed_nor_canceled_by_itself(client, sandbox, customer):
    session = a_session(client, customer=customer)
    sandbox.pay(session.id, card=DECLINED)
    ref = client.v1.payment_intents.list().data[0].id
    with pytest.raises(stripe.InvalidRequestError, match="Expire the session"):
        client.v1.payment_intents.cancel(ref)
    with pytest.raises(stripe.InvalidRequestError, match="belongs to a Checkout Session"):
        client.v1.payment_intents.confirm(ref, {"payment_method": "pm_card_visa"})
