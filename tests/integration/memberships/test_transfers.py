"""Paying by bank transfer: staff enter what has arrived, and it counts once, whatever else was under way."""

from datetime import UTC, datetime

import pytest

from checkout.models import Order
from checkout.operations.pay import give_up, pay, reconcile
from memberships import tasks
from memberships.models import Membership, Payment, Receipt
from memberships.operations.collection import expect_transfer
from memberships.operations.transfers import (
    ReceiptDiffers,
    TransferInstructions,
    record_receipt,
    transfer_instructions,
    transfers_are_offered,
)

MARCH_1 = datetime(2026, 3, 1, tzinfo=UTC)
MARCH_17 = datetime(2026, 3, 17, tzinfo=UTC)


@pytest.fixture
def bob(world, catalogue):
    """On Free since 1 March."""
    return world.signs_up("bob", catalogue.free, now=MARCH_1)


@pytest.fixture
def order(world, catalogue, bob):
    """Premium, for 30 euros that are to come by bank transfer."""
    order = world.orders(bob, catalogue.premium, now=MARCH_17)
    attempt = expect_transfer(payment=order.payment, now=MARCH_17)
    assert (attempt.method, attempt.state, attempt.url) == ("bank_transfer", "waiting", "")
    return order


def arrives(payment: Payment, amount: int, *, as_: str = "bank-1") -> Receipt:
    return record_receipt(
        payment=payment, amount=amount, received_at=MARCH_17, bank_reference=as_, actor=None, now=MARCH_17
    )


def state_of(order: Order) -> tuple[str, str]:
    """Of the order and its payment, once what is paid has been applied."""
    order = Order.objects.select_related("payment").get(pk=order.pk)
    order = reconcile(order=order, now=MARCH_17)
    return order.state, order.payment.state


def wallet(membership: Membership) -> list[tuple[int, str]]:
    return list(membership.wallet_entries.values_list("amount", "reason"))


def test_the_instructions_say_where_to_and_how_much_is_missing(order, settings):
    settings.SELLER_NAME, settings.SELLER_IBAN, settings.SELLER_BIC = "Sitewright BV", "NL00BANK", "BANKNL2A"
    arrives(order.payment, 1000)
    assert transfers_are_offered()
    assert transfer_instructions(order.payment) == TransferInstructions(
        holder="Sitewright BV", iban="NL00BANK", bic="BANKNL2A", reference=order.payment.reference, amount=2000,
        currency="EUR",
    )  # fmt: skip


def test_without_an_account_transfers_are_not_offered(settings):
    settings.SELLER_IBAN = ""
    assert not transfers_are_offered()


def test_the_change_takes_effect_when_all_has_arrived(bob, order):
    arrives(order.payment, 3000)
    assert (state_of(order), wallet(bob)) == (("fulfilled", "paid"), [])
    assert [item.product.code for item in bob.items.live()] == ["premium"]


def test_parts_add_up(bob, order):
    arrives(order.payment, 1000)
    arrives(order.payment, 1999, as_="bank-2")
    assert state_of(order) == ("open", "open")
    arrives(order.payment, 1, as_="bank-3")
    assert (state_of(order), wallet(bob)) == (("fulfilled", "paid"), [])


def test_a_double_click_enters_it_once(bob, order):
    first, again = arrives(order.payment, 1500), arrives(order.payment, 1500)
    assert (first, Receipt.objects.count(), state_of(order)) == (again, 1, ("open", "open"))


def test_the_same_transaction_with_another_amount_is_refused(order):
    known = arrives(order.payment, 1500)
    with pytest.raises(ReceiptDiffers) as refused:
        arrives(order.payment, 1600)
    assert (refused.value.known, order.payment.receipts.total()) == (known, 1500)


def test_what_is_more_goes_to_the_wallet(bob, order):
    arrives(order.payment, 3250)
    assert (state_of(order), wallet(bob)) == (("fulfilled", "paid"), [(250, "overpaid")])
    arrives(order.payment, 3250)
    arrives(order.payment, 40, as_="bank-2")
    assert wallet(bob) == [(250, "overpaid"), (40, "overpaid")]
    assert bob.notices.filter(kind="payment_credited").count() == 2


def test_what_arrives_for_an_order_that_is_over_goes_to_the_wallet(bob, order):
    arrives(order.payment, 1000)
    give_up(order=order, state=Order.State.EXPIRED, now=MARCH_17)
    assert wallet(bob) == [(1000, "late_payment")]
    arrives(order.payment, 2000, as_="bank-2")
    assert (state_of(order), wallet(bob)) == (
        ("expired", "closed"),
        [(1000, "late_payment"), (2000, "late_payment")],
    )


def test_an_order_is_not_given_up_when_its_money_has_arrived(order, monkeypatch):
    with monkeypatch.context() as patch:  # the process died between the receipt and what follows from it
        patch.setattr("memberships.operations.transfers.pay_from_receipts", lambda **_: None)
        arrives(order.payment, 3000)
    give_up(order=order, state=Order.State.EXPIRED, now=MARCH_17)
    assert state_of(order) == ("fulfilled", "paid")


def test_the_sweep_applies_a_receipt_that_nobody_applied(order, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("memberships.operations.transfers.pay_from_receipts", lambda **_: None)
        arrives(order.payment, 3000)
    monkeypatch.setattr(tasks.reconcile_one_payment, "enqueue", tasks.reconcile_one_payment)
    assert (tasks.sweep_payments(), Payment.objects.get(order=order).state) == (1, "paid")
    assert (tasks.sweep_payments(), state_of(order)) == (0, ("fulfilled", "paid"))


def test_a_transfer_that_has_not_arrived_is_no_work_for_the_sweep(order):
    assert tasks.sweep_payments() == 0


def test_a_transfer_pays_although_the_customer_has_opened_the_card_page(world, bob, order):
    attempt = world.opens_the_page(order, now=MARCH_17)
    arrives(order.payment, 3000)
    assert (state_of(order), world.gateway.pay(attempt.gateway_ref)["outcome"]) == (
        ("fulfilled", "paid"),
        "expired",
    )


def test_a_transfer_that_arrives_after_the_card_has_paid_goes_to_the_wallet(world, bob, order):
    arrives(order.payment, 500)
    attempt = world.opens_the_page(order, now=MARCH_17)
    world.gateway.pay(attempt.gateway_ref)
    arrives(order.payment, 2500, as_="bank-2")
    assert (state_of(order), wallet(bob)) == (("fulfilled", "paid"), [(3000, "overpaid")])
    assert order.payment.attempts.get(state="succeeded").method == "hosted_page"


def test_a_transfer_is_entered_while_the_gateway_is_away_and_applied_by_the_sweep(
    world, bob, order, monkeypatch
):
    world.opens_the_page(order, now=MARCH_17)
    world.gateway.control(
        fail_next={"kind": "cut_before", "path": "/v1/checkout/sessions/*/expire", "times": 1}
    )
    arrives(order.payment, 3000)
    assert Payment.objects.get(order=order).state == "open"
    tasks.reconcile_one_payment(payment_id=order.payment_id)
    assert Payment.objects.get(order=order).state == "paid"
    assert (state_of(order), wallet(bob)) == (("fulfilled", "paid"), [])


def test_who_pays_by_card_after_all_leaves_the_transfer_behind(world, catalogue):
    alice = world.signs_up("alice", catalogue.premium, now=MARCH_1)
    order = world.orders(alice, catalogue.business, now=MARCH_17)
    expect_transfer(payment=order.payment, now=MARCH_17)
    pay(order=order, card=world.card_of(alice), return_url="http://localhost/", now=MARCH_17)
    assert [(attempt.method, attempt.state) for attempt in order.payment.attempts.all()] == [
        ("bank_transfer", "failed"),
        ("saved_card", "succeeded"),
    ]
    assert state_of(order) == ("fulfilled", "paid")


def test_a_transfer_asks_nothing_of_the_card_gateway(world, order):
    assert world.gateway.state()["settings"]["requests"] == {}
