"""Many at the same moment, on real PostgreSQL: money that comes and goes back is counted once."""

from datetime import datetime

import pytest
from django.utils import timezone

from checkout.models import Order
from checkout.operations.pay import give_up, pay, reconcile
from memberships.models import InboundEvent, Invoice, Payment, Receipt, Refund, WalletEntry
from memberships.operations.collection import expect_transfer
from memberships.operations.refunds import MoreThanIsLeft, reconcile_refund, refund
from memberships.operations.transfers import record_receipt
from memberships.webhooks import inbox
from tests.factories.at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def alice(world, catalogue, now):
    """On Premium, 30 euros paid."""
    return world.signs_up("alice", catalogue.premium, now=now)


def test_of_eight_refunds_of_a_third_each_three_go_back(world, alice, now):
    payment = alice.payments.get()
    results = at_once(
        8,
        lambda _: refund(
            payment=Payment.objects.get(pk=payment.pk), amount=1000, reason="goodwill", actor=None, now=now
        ),
    )
    refused = [result for result in results if isinstance(result, MoreThanIsLeft)]
    assert (len(refused), sum(result.amount for result in results if result not in refused)) == (5, 3000)
    assert (world.gateway.state()["refunds"], payment.refunds.total()) == (3, 3000)
    numbers = Invoice.objects.order_by("number").values_list("number", flat=True)
    assert [int(number.split("-")[1]) for number in numbers] == [1, 2, 3, 4]


def test_webhook_and_sweep_at_once_book_a_refund_once(world, alice, now):
    payment = alice.payments.get()
    world.gateway.change_card(world.card_of(alice).gateway_ref, card="4000000000007726")
    pending = refund(payment=payment, amount=1000, reason="goodwill", actor=None, now=now)
    world.gateway.settle_refund(pending.gateway_ref)
    event = InboundEvent.objects.create(
        source="stripe", external_id="evt_once", kind="refund.updated", object_id=pending.gateway_ref, payload={},
        received_at=now,
    )  # fmt: skip
    ways = [
        lambda: inbox.handle(event_id=event.pk, now=now).state,
        lambda: reconcile_refund(refund=Refund.objects.get(pk=pending.pk), now=now).state,
    ]
    results = at_once(10, lambda number: ways[number % 2]())
    assert set(results) == {"handled", "succeeded"}
    assert (
        Invoice.objects.filter(type="credit_note").count(),
        alice.notices.filter(kind="refunded").count(),
    ) == (
        1,
        1,
    )


def test_a_transfer_entered_by_ten_clicks_counts_once(world, catalogue, alice, now):
    order = world.orders(alice, catalogue.business, now=now)
    expect_transfer(payment=order.payment, now=now)
    results = at_once(
        10,
        lambda _: record_receipt(
            payment=Payment.objects.get(pk=order.payment_id), amount=order.payment.amount, received_at=now,
            bank_reference="bank-1", actor=None, now=now,
        ),
    )  # fmt: skip
    order = reconcile(order=order, now=now)
    assert ({result.pk for result in results}, order.state) == ({Receipt.objects.get().pk}, "fulfilled")
    assert WalletEntry.objects.count() == 0


def test_a_transfer_and_a_card_at_the_same_moment_pay_once_and_the_rest_is_credit(
    world, catalogue, alice, now
):
    order = world.orders(alice, catalogue.business, now=now)
    card = world.card_of(alice)
    ways = [
        lambda: record_receipt(
            payment=Payment.objects.get(pk=order.payment_id), amount=order.payment.amount, received_at=now,
            bank_reference="bank-1", actor=None, now=now,
        ),
        lambda: pay(
            order=Order.objects.select_related("payment").get(pk=order.pk), card=card,
            return_url="http://localhost/", now=now,
        ),
    ]  # fmt: skip
    at_once(2, lambda number: ways[number]())
    order = reconcile(order=Order.objects.select_related("payment").get(pk=order.pk), now=now)
    by_card = world.gateway.state()["charges"]["succeeded"] - 1
    assert (order.state, by_card * order.payment.amount) == ("fulfilled", alice.wallet_entries.balance())


def test_stop_pay_and_webhook_at_the_same_moment_charge_and_apply_or_neither(world, catalogue, alice, now):
    order = world.orders(alice, catalogue.business, now=now)
    card = world.card_of(alice)

    def way(number: int) -> object:
        mine = Order.objects.select_related("payment").get(pk=order.pk)
        if number % 3 == 0:
            return pay(order=mine, card=card, return_url="http://localhost/", now=now)
        if number % 3 == 1:
            return give_up(order=mine, state=Order.State.CANCELLED, now=now)
        return reconcile(order=mine, now=now)

    at_once(9, way)
    order = reconcile(order=Order.objects.select_related("payment").get(pk=order.pk), now=now)
    charged = world.gateway.state()["charges"]["succeeded"] - 1
    assert (order.state, charged) in {("fulfilled", 1), ("cancelled", 0), ("open", 0)}
