"""Mails about memberships: what they say, that they are sent once, and that a lost task loses none."""

from datetime import UTC, datetime

import pytest
from django.core import mail
from django.utils import timezone

from checkout.operations.renew import renew
from checkout.operations.transfer import await_transfer
from checkout.operations.undo import undo
from memberships import tasks
from memberships.mails.sending import send_notice
from memberships.models import Membership, Notice
from memberships.operations.lifecycle import cancel_at_period_end
from memberships.operations.refunds import refund
from memberships.parties import spaced
from tests.factories.catalogue import Catalogue
from tests.factories.world import World

MARCH_1 = datetime(2026, 3, 1, tzinfo=UTC)
MARCH_17 = datetime(2026, 3, 17, tzinfo=UTC)
APRIL_1 = datetime(2026, 4, 1, tzinfo=UTC)


@pytest.fixture
def alice(world: World, catalogue: Catalogue) -> Membership:
    return world.signs_up("alice", catalogue.premium, now=MARCH_1)


def sent(kind: str) -> mail.EmailMultiAlternatives:
    """Send the newest notice of `kind` and answer the mail."""
    send_notice(notice_id=Notice.objects.filter(kind=kind).latest("id").pk, now=timezone.now())
    message = mail.outbox[-1]
    assert isinstance(message, mail.EmailMultiAlternatives)
    return message


def said(message: mail.EmailMultiAlternatives) -> str:
    """The text as one line."""
    return " ".join(str(message.body).split())


def test_the_mail_of_an_upgrade_is_its_receipt(world, catalogue, alice):
    world.pays(world.orders(alice, catalogue.business, now=MARCH_17), now=MARCH_17)
    message = sent("change_done")
    assert message.to == ["alice@example.com"]
    assert message.subject == "Upgraded Premium → Business at Sitewright"
    lines = message.body.splitlines()
    assert "Business: €90.00" in lines
    assert "Credit for unused time: Premium: -€14.52" in lines
    assert "Paid: €75.48" in lines
    assert "- Posts: 100 → unlimited" in lines
    html = str(message.alternatives[0][0])
    assert "€75.48" in html
    assert "&amp;amp;" not in html


def test_a_mail_goes_out_once_however_often_its_task_runs(world, catalogue, alice):
    notice = Notice.objects.get()
    answers = [send_notice(notice_id=notice.pk, now=timezone.now()) for _ in range(3)]
    assert (answers, len(mail.outbox)) == ([True, False, False], 1)


def test_the_sweep_queues_a_mail_whose_task_was_lost(world, catalogue, alice, monkeypatch):
    queued: list[int] = []
    monkeypatch.setattr(tasks.deliver_notice, "enqueue", lambda *, notice_id: queued.append(notice_id))
    assert (tasks.sweep_notices(), queued) == (1, [Notice.objects.get().pk])


def test_the_mail_of_a_downgrade_says_when_and_how_to_stay(world, catalogue, alice):
    world.orders(alice, catalogue.free, now=MARCH_17)
    message = sent("change_scheduled")
    assert message.subject == "Your change takes effect on 1 April 2026"
    assert "You keep Premium until 1 April 2026" in message.body
    assert "Keep my plan" in message.body


def test_a_renewal_sends_its_receipt(world, catalogue, alice):
    renew(membership_id=alice.pk, now=APRIL_1)
    message = sent("renewed")
    assert "Premium is renewed until 1 May 2026." in message.body
    assert "Paid: €30.00" in message.body


def test_a_failed_renewal_says_so(world, catalogue, alice):
    world.gateway.change_card(world.card_of(alice).gateway_ref, card="4000000000000341")
    renew(membership_id=alice.pk, now=APRIL_1)
    assert sent("payment_failed").subject == "Your payment of €30.00 did not go through"


def test_a_late_payment_says_where_the_money_is(world, catalogue):
    bob = world.signs_up("bob", catalogue.free, now=MARCH_1)
    order = world.orders(bob, catalogue.premium, now=MARCH_17)
    world.gateway.pay(world.opens_the_page(order, now=MARCH_17).gateway_ref)
    Membership.objects.filter(pk=bob.pk).update(revision=99)
    from checkout.operations.pay import reconcile

    reconcile(order=order, now=MARCH_17)
    assert "in your wallet" in sent("payment_credited").body


def test_who_begins_is_welcomed_with_the_first_bill(alice):
    message = sent("welcome")
    assert message.subject == "Welcome to Sitewright"
    assert "Your membership has begun: you have Premium." in said(message)
    assert "Paid: €30.00" in message.body
    assert "Next bill: €30.00 on 1 April 2026." in said(message)
    assert "- Posts: 100" in message.body


def test_who_begins_with_a_trial_reads_until_when_it_costs_nothing(world, catalogue):
    catalogue.premium.prices.update(trial_days=14)
    world.signs_up("tom", catalogue.premium, now=MARCH_1)
    message = sent("welcome")
    assert "Your trial of Premium has begun. It costs nothing until 15 March 2026." in said(message)
    assert "Next bill: €30.00 on 15 March 2026." in said(message)


def test_a_failed_payment_says_when_it_is_tried_again_and_how_to_pay_now(world, alice):
    world.gateway.change_card(world.card_of(alice).gateway_ref, card="4000000000000341")
    renew(membership_id=alice.pk, now=APRIL_1)
    message = sent("payment_failed")
    text = said(message)
    assert "We could not charge €30.00 for Premium to Visa •••• 4242." in text
    assert "We try again on 2 April 2026." in text
    assert "If the bill is not paid by 15 April 2026, your membership ends." in text
    assert "Pay €30.00: http://localhost:8000/pay/" in text


def test_without_a_card_nothing_is_said_of_a_next_try(world, alice):
    alice.customer.payment_methods.all().delete()
    renew(membership_id=alice.pk, now=APRIL_1)
    text = said(sent("payment_failed"))
    assert "The bill of €30.00 for Premium is not paid yet, and you have no saved card." in text
    assert "Please pay it now, with any card; you need not sign in." in text
    assert "We try again" not in text


def test_a_bank_that_asks_is_a_mail_with_a_link(world, alice):
    world.gateway.change_card(world.card_of(alice).gateway_ref, card="4000002760003184")
    renew(membership_id=alice.pk, now=APRIL_1)
    message = sent("action_needed")
    assert message.subject == "Please confirm your payment of €30.00"
    assert "Confirm the payment: http://localhost:8000/pay/" in said(message)


def test_who_lets_it_expire_reads_what_becomes_of_the_sites(world, alice):
    world.gateway.change_card(world.card_of(alice).gateway_ref, card="4000000000000341")
    world.walk(APRIL_1, datetime(2026, 4, 15, tzinfo=UTC))
    message = sent("expired")
    assert "The bill for Premium was not paid, so your membership ended on 15 April 2026." in said(message)
    assert "Visitors see your sites until 29 April 2026" in said(message)


def test_who_cancels_reads_until_when_and_then_that_it_is_over(world, alice):
    cancel_at_period_end(membership=alice, actor=None, reason="", now=MARCH_17)
    planned = sent("cancellation_scheduled")
    assert planned.subject == "Your membership ends on 1 April 2026"
    assert "You keep all of it until 1 April 2026, and no bill follows." in said(planned)
    world.a_day(APRIL_1)
    over = sent("cancelled")
    assert "Premium ended on 1 April 2026. No bill follows." in said(over)


def test_a_refund_says_how_much_and_brings_the_credit_note(alice):
    payment = alice.payments.get()
    refund(payment=payment, amount=1000, reason="goodwill", actor=None, now=MARCH_17)
    message = sent("refunded")
    assert message.subject == "You get €10.00 back"
    assert "Refunded: €10.00\nCredit note 2026-00002" in message.body
    assert message.attachments[0].filename == "credit-note-2026-00002.pdf"


def test_who_takes_an_upgrade_back_reads_what_is_had_again_and_what_comes_back(world, catalogue, alice):
    order = world.pays(world.orders(alice, catalogue.business, now=MARCH_17), now=MARCH_17)
    undo(order=order, actor=alice.customer.user, now=MARCH_17)
    message = sent("change_undone")
    assert message.subject == "Your upgrade is undone: you have Premium again"
    assert "€75.48 goes back the way it came." in said(message)
    assert "- Posts: 100" in message.body


def test_who_pays_by_transfer_reads_where_to_and_until_when(world, catalogue, settings):
    settings.SELLER_IBAN, settings.SELLER_NAME = "NL91ABNA0417164300", "Sitewright B.V."
    bob = world.signs_up("bob", catalogue.free, now=MARCH_1)
    order = world.orders(bob, catalogue.premium, now=MARCH_17)
    await_transfer(order=order, now=MARCH_17)
    message = sent("transfer_instructions")
    assert message.subject == "Please transfer €30.00 by 31 March 2026"
    assert "To: Sitewright B.V.\nIBAN: NL91 ABNA 0417 1643 00\n" in message.body
    assert f"Payment reference: {spaced(order.payment.reference)}\nUntil: 31 March 2026\n" in message.body


def test_a_scheduled_change_that_took_effect_is_told_as_such(world, catalogue, alice):
    world.orders(alice, catalogue.free, now=MARCH_17)
    renew(membership_id=alice.pk, now=APRIL_1)
    assert sent("change_applied").subject == "You now have Free at Sitewright"
