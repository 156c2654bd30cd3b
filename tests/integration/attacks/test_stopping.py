"""A saved card is charged in two calls. Whichever fails, and whenever the customer stops: charged once or never."""

from datetime import UTC, datetime

import pytest

from checkout.models import Order
from checkout.operations.pay import give_up, pay, reconcile
from memberships.billing.choose import gateway
from memberships.billing.gateway import GatewayUnavailable
from memberships.models import Attempt

MARCH_17 = datetime(2026, 3, 17, tzinfo=UTC)
PREPARE, CONFIRM = "/v1/payment_intents", "/v1/payment_intents/*/confirm"
LOST = [
    (call, kind) for call in (PREPARE, CONFIRM) for kind in ("cut_before", "timeout_after", "server_error")
]


@pytest.fixture
def order(world, catalogue, alice):
    """Alice's upgrade, to be paid with the card that paid for her first month."""
    return world.orders(alice, catalogue.business, now=MARCH_17)


def loses(world, order: Order, call: str, kind: str) -> Attempt:
    """Pay, and the answer to one call is lost."""
    world.gateway.control(fail_next={"kind": kind, "path": call})
    with pytest.raises(GatewayUnavailable):
        pay(order=order, card=world.card_of(order.membership), return_url="http://localhost/", now=MARCH_17)
    return order.payment.attempts.get()


def upgrades_charged(world):
    return world.gateway.state()["charges"]["succeeded"] - 1  # her first month


@pytest.mark.parametrize(("call", "kind"), LOST)
def test_a_lost_answer_is_asked_for_again_and_charged_once(world, order, call, kind):
    loses(world, order, call, kind)
    for _ in range(3):
        order = reconcile(order=order, now=MARCH_17)
    assert (order.state, upgrades_charged(world)) == ("fulfilled", 1)


@pytest.mark.parametrize(("call", "kind"), [lost for lost in LOST if lost != (CONFIRM, "timeout_after")])
def test_a_payment_stopped_after_a_lost_answer_is_never_charged(world, order, call, kind):
    attempt = loses(world, order, call, kind)
    assert give_up(order=order, state=Order.State.CANCELLED, now=MARCH_17).state == "cancelled"
    reconcile(order=order, now=MARCH_17)
    attempt.refresh_from_db()
    assert (attempt.state, upgrades_charged(world)) == ("failed", 0)


def test_a_payment_that_was_charged_before_it_was_stopped_buys_what_was_ordered(world, order):
    loses(world, order, CONFIRM, "timeout_after")
    assert give_up(order=order, state=Order.State.CANCELLED, now=MARCH_17).state == "fulfilled"
    assert upgrades_charged(world) == 1


@pytest.mark.parametrize("call", ["prepare_charge", "confirm_charge"])
def test_a_payment_stopped_while_it_is_being_charged_is_not(world, order, monkeypatch, call):
    honest = getattr(gateway(), call)

    def slowly(request):
        answer = honest(request) if call == "prepare_charge" else None
        give_up(order=Order.objects.get(pk=order.pk), state=Order.State.CANCELLED, now=MARCH_17)
        return answer or honest(request)

    monkeypatch.setattr(gateway(), call, slowly)
    attempt = pay(
        order=order, card=world.card_of(order.membership), return_url="http://localhost/", now=MARCH_17
    )
    order.refresh_from_db()
    assert (attempt.state, order.state, upgrades_charged(world)) == ("failed", "cancelled", 0)


def test_a_customer_who_comes_back_to_a_card_that_asked_while_they_were_away_is_sent_to_the_bank(
    world, order
):
    card = world.card_of(order.membership)
    world.gateway.change_card(card.gateway_ref, card="4000002760003184")
    away = pay(order=order, card=card, return_url="", now=MARCH_17)
    assert (away.state, away.asks_customer) == ("waiting", True)
    there = pay(order=order, card=card, return_url="http://localhost/", now=MARCH_17)
    away.refresh_from_db()
    assert (away.state, there.state, bool(there.url)) == ("failed", "waiting", True)
    world.gateway.answer_bank(there.gateway_ref, approve=True)
    assert (reconcile(order=order, now=MARCH_17).state, upgrades_charged(world)) == ("fulfilled", 1)
