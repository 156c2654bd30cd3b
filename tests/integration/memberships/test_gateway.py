"""Our port to the gateway, spoken with the double: the same key is the same act, and failures have our names."""

from datetime import timedelta

import pytest
import stripe
from django.utils import timezone

from memberships.billing.choose import gateway
from memberships.billing.gateway import (
    Card,
    CardDeclined,
    CardPageRequest,
    ChargeRequest,
    ChargeState,
    Confirmation,
    CustomerUnknown,
    GatewayRefused,
    GatewayUnavailable,
    HostedPageRequest,
    RefundRequest,
    RefundState,
)

HOME = "http://localhost/"
REFUNDS = "POST /v1/refunds"


@pytest.fixture
def alice(gateway_double) -> str:
    return gateway().create_customer(key="alice", email="alice@example.com", name="Alice")


@pytest.fixture
def client(gateway_double) -> stripe.StripeClient:
    return stripe.StripeClient(gateway_double.api_key, base_addresses={"api": gateway_double.base_url})


@pytest.fixture
def card(client, alice):
    return client.v1.payment_methods.attach("pm_card_visa", {"customer": alice}).id


def prepared(customer: str, card: str, *, key: str = "attempt-1") -> str:
    request = ChargeRequest(
        key=key, customer_ref=customer, card_ref=card, amount=3000, currency="EUR", description="Premium"
    )
    charge = gateway().prepare_charge(request)
    assert (charge.state, charge.captured) == (ChargeState.PREPARED, 0)
    return charge.ref


def confirmed(ref: str, *, return_url: str | None = None):
    return gateway().confirm_charge(Confirmation(ref=ref, key=f"{ref}-confirm", return_url=return_url))


def refund(charge_ref: str, amount: int, *, key: str = "refund-1"):
    return gateway().refund(RefundRequest(key=key, charge_ref=charge_ref, amount=amount, currency="EUR"))


def hosted_page(customer: str) -> HostedPageRequest:
    return HostedPageRequest(
        key="page", customer_ref=customer, amount=3000, currency="EUR", description="Premium",
        success_url=HOME, cancel_url=HOME, expires_at=timezone.now() + timedelta(hours=1),
    )  # fmt: skip


def card_page(customer: str) -> CardPageRequest:
    return CardPageRequest(
        key="card", customer_ref=customer, currency="EUR", success_url=HOME, cancel_url=HOME
    )


def paid_page(double, customer: str) -> str:
    page = gateway().open_hosted_page(hosted_page(customer))
    double.pay(page.ref)
    return page.ref


def test_a_charge_that_is_prepared_moves_nothing_and_is_prepared_once_per_key(gateway_double, alice, card):
    assert prepared(alice, card) == prepared(alice, card)
    assert gateway_double.state()["charges"]["succeeded"] == 0


def test_a_charge_confirmed_twice_is_made_once(gateway_double, alice, card):
    ref = prepared(alice, card)
    first, again = confirmed(ref), confirmed(ref)
    assert first == again
    assert (first.state, first.captured, first.currency, first.refunded) == ("succeeded", 3000, "EUR", 0)
    assert first.card is not None
    assert (first.card.ref, gateway_double.state()["charges"]["succeeded"]) == (card, 1)


def test_a_charge_that_was_closed_is_not_made_whoever_confirms_it(gateway_double, alice, card):
    ref = prepared(alice, card)
    assert gateway().close(ref).state == ChargeState.FAILED
    assert confirmed(ref).state == ChargeState.FAILED
    assert gateway_double.state()["charges"]["succeeded"] == 0


def test_a_charge_whose_card_is_gone_when_it_is_confirmed_is_refused(client, alice, card):
    ref = prepared(alice, card)
    client.v1.payment_methods.detach(card)
    with pytest.raises(GatewayRefused):
        confirmed(ref)


def test_a_declined_confirmation_names_the_charge_and_says_what_the_bank_said(gateway_double, alice, card):
    gateway_double.change_card(card, card="4000000000000341")
    ref = prepared(alice, card)
    with pytest.raises(CardDeclined) as declined:
        confirmed(ref)
    assert (declined.value.ref, declined.value.message) == (ref, "Your card was declined.")
    assert gateway().look_up(ref).refusal == "Your card was declined."


def test_a_card_that_asks_says_where_when_the_customer_is_there(gateway_double, alice, card):
    gateway_double.change_card(card, card="4000002760003184")
    charge = confirmed(prepared(alice, card), return_url="http://localhost/")
    assert (charge.state, charge.action_url.startswith(gateway_double.base_url)) == ("action_needed", True)


def test_a_card_that_asks_while_the_customer_is_away_is_not_declined(gateway_double, alice, card):
    gateway_double.change_card(card, card="4000002760003184")
    charge = confirmed(prepared(alice, card))
    asked = (
        ChargeState.ACTION_NEEDED,
        "",
        "Your card was declined. This transaction requires authentication.",
    )
    assert (charge.state, charge.action_url, charge.refusal) == asked
    assert gateway().look_up(charge.ref) == charge


def test_a_part_and_the_rest_of_a_page_are_given_back_and_never_more(gateway_double, alice):
    ref = paid_page(gateway_double, alice)
    assert refund(ref, 1000).state == RefundState.SUCCEEDED
    with pytest.raises(GatewayRefused):
        refund(ref, 2001, key="refund-2")
    assert gateway().look_up(ref).refunded == 1000
    assert refund(ref, 2000, key="refund-3").amount == 2000
    assert gateway().look_up(ref).refunded == 3000


def test_a_page_that_nobody_paid_has_nothing_to_give_back(alice):
    page = gateway().open_hosted_page(hosted_page(alice))
    with pytest.raises(GatewayRefused):
        refund(page.ref, 1)


def test_a_refund_whose_answer_was_lost_is_made_once(gateway_double, alice, card):
    ref = prepared(alice, card)
    confirmed(ref)
    gateway_double.control(fail_next={"kind": "timeout_after", "path": "/v1/refunds"})
    with pytest.raises(GatewayUnavailable):
        refund(ref, 1000)
    assert refund(ref, 1000).amount == 1000
    assert gateway_double.state()["refunds"] == 1


def test_a_refund_is_found_again_when_the_gateway_has_forgotten_its_key(gateway_double, alice, card):
    ref = prepared(alice, card)
    confirmed(ref)
    first = refund(ref, 1000)
    assert refund(ref, 1000).ref == first.ref
    assert gateway_double.state()["settings"]["requests"][REFUNDS] == 1


def test_a_refund_that_the_bank_sends_back_has_failed_and_says_why(gateway_double, alice, card):
    ref = prepared(alice, card)
    confirmed(ref)
    gateway_double.change_card(card, card="4000000000005126")
    answer = refund(ref, 1000)
    gateway_double.settle_refund(answer.ref)
    failed = gateway().look_up_refund(answer.ref)
    assert (answer.state, failed.state, failed.refusal) == ("succeeded", "failed", "expired or canceled card")


def test_a_refund_over_which_the_bank_takes_its_time_is_pending(gateway_double, alice, card):
    ref = prepared(alice, card)
    confirmed(ref)
    gateway_double.change_card(card, card="4000000000007726")
    answer = refund(ref, 1000)
    assert (answer.state, gateway_double.settle_refund(answer.ref)) == ("pending", "succeeded")
    assert gateway().look_up_refund(answer.ref).state == RefundState.SUCCEEDED


def test_a_card_page_is_open_until_it_has_its_card(gateway_double, alice):
    request = card_page(alice)
    page = gateway().open_card_page(request)
    assert gateway().open_card_page(request) == page
    assert (gateway().look_up_card_page(page.ref).is_open, page.url.startswith(gateway_double.base_url)) == (
        True,
        True,
    )
    gateway_double.pay(page.ref)
    done = gateway().look_up_card_page(page.ref)
    assert done.card is not None
    assert (done.is_open, done.card.last4, gateway().look_up_card(done.card.ref)) == (
        False,
        "4242",
        done.card,
    )
    assert gateway_double.state()["charges"]["succeeded"] == 0


def test_a_card_page_that_expired_has_no_card(client, alice):
    page = gateway().open_card_page(card_page(alice))
    client.v1.checkout.sessions.expire(page.ref)
    gone = gateway().look_up_card_page(page.ref)
    assert (gone.is_open, gone.card) == (False, None)


def test_a_card_is_as_the_bank_renewed_it_and_gone_when_it_was_taken_away(client, card):
    client.v1.payment_methods.update(card, {"card": {"exp_month": 2, "exp_year": 2041}})
    assert gateway().look_up_card(card) == Card(
        ref=card, brand="visa", last4="4242", exp_month=2, exp_year=2041
    )
    client.v1.payment_methods.detach(card)
    assert (gateway().look_up_card(card), gateway().look_up_card("pm_of_nobody")) == (None, None)


def test_whatever_names_a_deleted_customer_says_that_they_are_unknown(gateway_double, client, alice, card):
    client.v1.customers.delete(alice)
    for call in (
        lambda: prepared(alice, card),
        lambda: paid_page(gateway_double, alice),
        lambda: gateway().open_card_page(card_page(alice)),
    ):
        with pytest.raises(CustomerUnknown):
            call()


def test_events_since_a_moment_are_those_of_the_kinds_asked_for_over_many_pages(gateway_double, alice):
    for number in range(120):
        gateway().create_customer(key=f"customer-{number}", email="x@example.com", name="X")
    since = timezone.now() - timedelta(hours=1)
    found = list(gateway().events_since(since, kinds=["customer.created"]))
    assert (len(found), {event.kind for event in found}, found[-1].object_id) == (
        121,
        {"customer.created"},
        alice,
    )
    assert list(gateway().events_since(since, kinds=["charge.refunded"])) == []
    assert list(gateway().events_since(timezone.now() + timedelta(hours=1), kinds=["customer.created"])) == []


@pytest.mark.parametrize("kind", ["cut_before", "timeout_after", "server_error", "rate_limit"])
def test_no_answer_is_never_taken_for_a_refusal(gateway_double, alice, card, kind):
    ref = prepared(alice, card)
    gateway_double.control(fail_next={"kind": kind, "path": "/v1/payment_intents/*/confirm"})
    with pytest.raises(GatewayUnavailable):
        confirmed(ref)
    assert (confirmed(ref).state, gateway_double.state()["charges"]["succeeded"]) == ("succeeded", 1)
