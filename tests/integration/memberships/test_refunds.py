"""Money on its way back: once, never more than came in, with a credit note, whoever tells of it first."""

from datetime import UTC, datetime

import pytest
import stripe

from checkout.models import Order
from checkout.operations.pay import reconcile
from memberships import tasks
from memberships.billing.choose import gateway
from memberships.models import InboundEvent, Invoice, Membership, Payment, Refund
from memberships.operations.invoicing import issue_credit_note
from memberships.operations.refunds import (
    MoreThanIsLeft,
    reconcile_refund,
    refund,
    refundable,
    start_refund,
)
from memberships.webhooks import inbox

MARCH_1 = datetime(2026, 3, 1, tzinfo=UTC)
MARCH_17 = datetime(2026, 3, 17, tzinfo=UTC)
REFUNDED_LATER, REFUNDED_IN_VAIN = "4000000000007726", "4000000000005126"


@pytest.fixture
def alice(world, catalogue):
    """On Premium since 1 March, 30 euros paid."""
    return world.signs_up("alice", catalogue.premium, now=MARCH_1)


@pytest.fixture
def payment(alice):
    return alice.payments.get()


@pytest.fixture
def bank(world, alice):
    """Let the bank of Alice's card treat refunds as that of another test card."""
    return lambda card: world.gateway.change_card(world.card_of(alice).gateway_ref, card=card)


def give_back(payment: Payment, amount: int, *, reason: str = "goodwill") -> Refund:
    return refund(payment=payment, amount=amount, reason=reason, actor=None, now=MARCH_17)


def told(refunded: Refund, kind: str = "refund.updated") -> str:
    """A webhook about `refunded` arrives and is handled."""
    event = InboundEvent.objects.create(
        source="stripe", external_id=f"evt_{InboundEvent.objects.count()}", kind=kind,
        object_id=refunded.gateway_ref, payload={}, received_at=MARCH_17,
    )  # fmt: skip
    return inbox.handle(event_id=event.pk, now=MARCH_17).effect


def wallet(membership: Membership) -> list[tuple[int, str]]:
    return list(membership.wallet_entries.values_list("amount", "reason"))


def test_a_part_goes_back_with_a_credit_note_and_a_mail(world, alice, payment):
    back = give_back(payment, 1000)
    note = back.credit_note
    assert (back.state, back.settled_at, world.gateway.state()["refunds"]) == ("succeeded", MARCH_17, 1)
    assert (note.type, note.net, note.refunded, note.due, note.corrects) == (
        *("credit_note", -1000, 1000, 0),
        payment.invoice,
    )
    assert [(line.net, line.item.product.code) for line in note.lines.all()] == [(-1000, "premium")]
    assert alice.notices.get(kind="refunded").facts == {"amount": 1000}
    assert (wallet(alice), gateway().look_up(payment.attempts.get().gateway_ref).refunded) == ([], 1000)


def test_never_more_goes_back_than_was_captured(payment):
    give_back(payment, 1000)
    for amount in (2001, 0, -1):
        with pytest.raises(MoreThanIsLeft) as refused:
            give_back(payment, amount)
        assert refused.value.left == 2000
    give_back(payment, 2000)
    assert (refundable(payment), Refund.objects.count()) == (0, 2)
    assert sum(note.total for note in Invoice.objects.filter(type="credit_note")) == -3000


def test_of_what_nobody_paid_nothing_goes_back(world, catalogue, alice):
    order = world.orders(alice, catalogue.business, now=MARCH_17)
    with pytest.raises(MoreThanIsLeft):
        give_back(order.payment, 1)


@pytest.mark.parametrize("kind", ["cut_before", "timeout_after", "server_error", "rate_limit"])
def test_a_lost_answer_is_asked_for_again_and_money_goes_back_once(world, alice, payment, kind):
    world.gateway.control(fail_next={"kind": kind, "path": "/v1/refunds"})
    back = give_back(payment, 1000)
    assert (back.state, refundable(payment), wallet(alice)) == ("started", 2000, [])
    for _ in range(3):
        tasks.reconcile_one_refund(refund_id=back.pk)
    back.refresh_from_db()
    assert (back.state, world.gateway.state()["refunds"]) == ("succeeded", 1)
    assert Invoice.objects.filter(type="credit_note").count() == 1
    assert alice.notices.filter(kind="refunded").count() == 1


def test_the_sweep_finds_what_is_under_way_and_nothing_else(world, payment, bank, monkeypatch):
    found: list[int] = []
    monkeypatch.setattr(tasks.reconcile_one_refund, "enqueue", lambda *, refund_id: found.append(refund_id))
    give_back(payment, 500)
    bank(REFUNDED_LATER)
    pending = give_back(payment, 500)
    assert (tasks.sweep_refunds(), found) == (1, [pending.pk])


def test_a_refund_over_which_the_bank_takes_its_time_is_booked_when_it_has_gone_through(
    world, alice, payment, bank
):
    bank(REFUNDED_LATER)
    back = give_back(payment, 1000)
    assert (back.state, back.credit_note, alice.notices.filter(kind="refunded").count()) == (
        "pending",
        None,
        0,
    )
    assert told(back).endswith("pending")
    world.gateway.settle_refund(back.gateway_ref)
    assert told(back).endswith("succeeded")
    assert told(back).endswith("succeeded")
    back.refresh_from_db()
    assert (back.credit_note.total, Invoice.objects.filter(type="credit_note").count()) == (-1000, 1)


def test_a_refund_that_the_bank_sends_back_days_later_stays_the_customers_in_the_wallet(
    world, alice, payment, bank
):
    bank(REFUNDED_IN_VAIN)
    back = give_back(payment, 1000)
    assert back.state == "succeeded"
    world.gateway.settle_refund(back.gateway_ref)
    for kind in ("refund.failed", "refund.failed", "refund.updated", "refund.created"):
        told(back, kind)
    back.refresh_from_db()
    assert (back.state, back.refusal, wallet(alice)) == (
        *("failed", "expired or canceled card"),
        [(1000, "refund_failed")],
    )
    assert alice.notices.filter(kind="payment_credited").count() == 1
    assert (
        refundable(payment) == 2000
    )  # the rest of the card's money; the wallet's 10 euros do not go back twice


def test_a_refund_that_fails_before_it_went_through_changes_nothing_and_can_be_made_again(
    world, alice, payment, client_of_stripe
):
    intent = client_of_stripe.v1.checkout.sessions.retrieve(payment.attempts.get().gateway_ref).payment_intent
    client_of_stripe.v1.refunds.create({"payment_intent": intent, "amount": 2500})  # by hand, at the gateway
    back = give_back(payment, 1000)
    assert (back.state, back.credit_note, wallet(alice), refundable(payment)) == ("failed", None, [], 3000)
    assert "greater than unrefunded amount" in back.refusal
    assert reconcile_refund(refund=back, now=MARCH_17).state == "failed"
    assert give_back(payment, 500).state == "succeeded"


def test_less_is_paid_for_what_is_had_so_an_order_under_way_is_priced_anew(world, alice, payment):
    before = world.fresh(alice).revision
    give_back(payment, 1000)
    assert world.fresh(alice).revision == before + 1


def test_an_unknown_refund_is_none_of_ours(alice):
    assert told(Refund(gateway_ref="re_of_nobody")) == ""
    assert told(Refund(gateway_ref="")) == ""


@pytest.fixture
def late(world, catalogue, alice):
    """What Alice paid for an upgrade that could no longer be had, now in her wallet."""
    order = world.orders(alice, catalogue.business, now=MARCH_17)
    world.gateway.pay(world.opens_the_page(order, now=MARCH_17).gateway_ref)
    Membership.objects.filter(pk=alice.pk).update(revision=99)
    assert reconcile(order=order, now=MARCH_17).state == Order.State.CREDITED
    return alice.payments.get(order=order)


def test_money_that_had_gone_to_the_wallet_is_taken_from_there(alice, late):
    back = give_back(late, 5000)
    assert (back.state, back.credit_note) == ("succeeded", None)
    assert wallet(alice) == [(late.captured, "late_payment"), (-5000, "refunded")]


def test_money_that_had_gone_to_the_wallet_and_was_used_does_not_go_back(alice, late):
    alice.wallet_entries.create(amount=-7000, reason="used", reference="a-bill", created_at=MARCH_17)
    with pytest.raises(MoreThanIsLeft) as refused:
        give_back(late, 5000)
    assert refused.value.left == late.captured - 7000


def test_money_taken_from_the_wallet_is_there_again_when_the_bank_sends_it_back(world, alice, late, bank):
    bank(REFUNDED_IN_VAIN)
    world.gateway.change_card(world.card_of(alice).gateway_ref, card=REFUNDED_IN_VAIN)
    back = give_back(late, 5000)
    world.gateway.settle_refund(back.gateway_ref)
    told(back, "refund.failed")
    assert (alice.wallet_entries.balance(), refundable(late)) == (late.captured, late.captured)


def booked_already(payment: Payment) -> Refund:
    """A refund of 30 euros as an undone change makes it: the bill was taken back with it."""
    note = issue_credit_note(
        invoice=payment.invoice, refund_total=3000, reference="undo", kind="undo", refunded=3000, wallet_added=0,
        now=MARCH_17,
    )  # fmt: skip
    return start_refund(
        payment=payment, amount=3000, reason="undone", actor=None, credit_note=note, now=MARCH_17
    )


def test_a_refund_that_was_booked_when_it_began_is_not_booked_again(alice, payment):
    back = reconcile_refund(refund=booked_already(payment), now=MARCH_17)
    assert (back.state, Invoice.objects.filter(type="credit_note").count(), wallet(alice)) == (
        "succeeded",
        1,
        [],
    )


def test_a_refund_that_was_booked_when_it_began_and_is_refused_goes_to_the_wallet(
    alice, payment, client_of_stripe
):
    intent = client_of_stripe.v1.checkout.sessions.retrieve(payment.attempts.get().gateway_ref).payment_intent
    client_of_stripe.v1.refunds.create({"payment_intent": intent})
    back = reconcile_refund(refund=booked_already(payment), now=MARCH_17)
    assert (back.state, wallet(alice), refundable(payment)) == ("failed", [(3000, "refund_failed")], 0)


def test_a_bank_transfer_is_sent_back_by_hand_and_booked_at_once(world, catalogue, alice):
    order = world.transfers(world.orders(alice, catalogue.business, now=MARCH_17), now=MARCH_17)
    back = give_back(order.payment, 1000)
    assert (back.state, back.credit_note.refunded, world.gateway.state()["refunds"]) == ("succeeded", 1000, 0)


@pytest.fixture
def client_of_stripe(world):
    return stripe.StripeClient(world.gateway.api_key, base_addresses={"api": world.gateway.base_url})
