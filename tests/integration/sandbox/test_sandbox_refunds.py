"""Giving back: whole, in parts, later or in vain."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import stripe

from tests.integration.sandbox.conftest import a_card, client_of


@pytest.fixture
def customer(client):
    return client.v1.customers.create({"email": "alice@shop.example"}).id


def paid(client: stripe.StripeClient, customer: str, *, card: str = "pm_card_visa") -> str:
    """The payment intent of EUR 25 that were paid."""
    intent = client.v1.payment_intents.create(
        {
            "amount": 2500, "currency": "eur", "customer": customer, "payment_method": a_card(client, customer, card),
            "confirm": True, "off_session": True,
        }
    )  # fmt: skip
    return intent.id


def test_a_payment_is_given_back_in_parts_and_never_more_than_was_taken(client, customer):
    intent = paid(client, customer)
    part = client.v1.refunds.create({"payment_intent": intent, "amount": 1000})
    assert (part.amount, part.status, part.currency) == (1000, "succeeded", "eur")
    with pytest.raises(stripe.InvalidRequestError) as too_much:
        client.v1.refunds.create({"payment_intent": intent, "amount": 1501})
    assert (too_much.value.code, too_much.value.param) == ("amount_too_large", "amount")
    rest = client.v1.refunds.create({"payment_intent": intent})
    assert rest.amount == 1500
    charge = client.v1.charges.retrieve(str(rest.charge), {"expand": ["refunds"]}).to_dict()
    assert (charge["amount_refunded"], charge["refunded"]) == (2500, True)
    assert [each["amount"] for each in charge["refunds"]["data"]] == [1500, 1000]
    with pytest.raises(stripe.InvalidRequestError) as nothing_left:
        client.v1.refunds.create({"charge": charge["id"], "amount": 1})
    assert nothing_left.value.code == "charge_already_refunded"
    assert [each.id for each in client.v1.refunds.list({"charge": charge["id"]}).data] == [rest.id, part.id]
    assert client.v1.refunds.retrieve(part.id).amount == 1000


def test_ten_refunds_at_once_never_give_back_more_than_was_taken(client, sandbox, customer):
    intent = paid(client, customer)

    def give_back(_: int) -> str:
        try:
            client_of(sandbox).v1.refunds.create({"payment_intent": intent, "amount": 1000})
        except stripe.InvalidRequestError as refused:
            return str(refused.code)
        return "refunded"

    with ThreadPoolExecutor(10) as pool:
        outcomes = sorted(pool.map(give_back, range(10)))
    assert outcomes == ["amount_too_large"] * 8 + ["refunded"] * 2


def test_what_was_never_paid_cannot_be_given_back(client):
    intent = client.v1.payment_intents.create({"amount": 500, "currency": "eur"}).id
    with pytest.raises(stripe.InvalidRequestError, match="does not have a successful charge"):
        client.v1.refunds.create({"payment_intent": intent})


def test_a_bank_that_takes_its_time_says_so_and_gives_the_money_back_later(client, sandbox, customer):
    refund = client.v1.refunds.create(
        {"payment_intent": paid(client, customer, card="pm_card_pendingRefund")}
    )
    assert (refund.status, refund.pending_reason) == ("pending", "processing")
    assert sandbox.settle_refund(refund.id) == "succeeded"
    assert sandbox.settle_refund(refund.id) == "succeeded"
    newest = client.v1.events.list({"limit": 1}).data[0]
    assert (newest.type, newest.data.previous_attributes.to_dict()) == (
        "refund.updated",
        {"pending_reason": "processing", "status": "pending"},
    )


def test_a_refund_that_the_bank_sends_back_fails_after_it_succeeded_and_may_be_made_again(
    client, sandbox, customer
):
    intent = paid(client, customer, card="pm_card_refundFail")
    refund = client.v1.refunds.create({"payment_intent": intent})
    assert refund.status == "succeeded"
    assert sandbox.settle_refund(refund.id) == "failed"
    failed = client.v1.refunds.retrieve(refund.id)
    charge = client.v1.charges.retrieve(str(failed.charge))
    assert (failed.failure_reason, charge.amount_refunded, charge.refunded) == (
        "expired_or_canceled_card",
        0,
        False,
    )
    assert client.v1.events.list({"limit": 1}).data[0].type == "refund.failed"
    assert client.v1.refunds.create({"payment_intent": intent}).amount == 2500


def test_a_deleted_customer_is_unknown_and_their_cards_are_gone(client, customer):
    card = a_card(client, customer)
    assert client.v1.customers.delete(customer).to_dict() == {
        "id": customer,
        "object": "customer",
        "deleted": True,
    }
    with pytest.raises(stripe.InvalidRequestError) as unknown:
        client.v1.setup_intents.create({"customer": customer})
    assert (unknown.value.code, unknown.value.param) == ("resource_missing", "customer")
    assert client.v1.payment_methods.retrieve(card).customer is None
