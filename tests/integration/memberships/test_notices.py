"""Mails about memberships: what they say, that they are sent once, and that a lost task loses none."""

from datetime import UTC, datetime

import pytest
from django.core import mail
from django.utils import timezone

from checkout.operations.renew import renew
from memberships import tasks
from memberships.mails.sending import send_notice
from memberships.models import Membership, Notice
from tests.factories.catalogue import Catalogue
from tests.factories.world import World

MARCH_1 = datetime(2026, 3, 1, tzinfo=UTC)
MARCH_17 = datetime(2026, 3, 17, tzinfo=UTC)


@pytest.fixture
def alice(world: World, catalogue: Catalogue) -> Membership:
    return world.signs_up("alice", catalogue.premium, now=MARCH_1)


def sent(kind: str) -> mail.EmailMultiAlternatives:
    """Send the newest notice of `kind` and answer the mail."""
    send_notice(notice_id=Notice.objects.filter(kind=kind).latest("id").pk, now=timezone.now())
    message = mail.outbox[-1]
    assert isinstance(message, mail.EmailMultiAlternatives)
    return message


def test_the_mail_of_an_upgrade_is_its_receipt(world, catalogue, alice):
    world.pays(world.orders(alice, catalogue.business, now=MARCH_17), now=MARCH_17)
    message = sent("change_done")
    assert message.to == ["alice@example.com"]
    assert message.subject == "Upgraded Premium → Business at Sitewright"
    lines = message.body.splitlines()
    assert "Business: €90.00" in lines
    assert "Credit for unused time: Premium: -€14.52" in lines
    assert "Paid: €75.48" in lines
    assert "- Posts: unlimited" in lines
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
    renew(membership_id=alice.pk, now=datetime(2026, 4, 1, tzinfo=UTC))
    message = sent("renewed")
    assert "Premium is renewed until 1 May 2026." in message.body
    assert "Paid: €30.00" in message.body


def test_a_failed_renewal_says_so(world, catalogue, alice):
    world.gateway.change_card(world.card_of(alice).gateway_ref, card="4000000000000341")
    renew(membership_id=alice.pk, now=datetime(2026, 4, 1, tzinfo=UTC))
    assert sent("payment_failed").subject == "Your payment of €30.00 did not go through"


def test_a_late_payment_says_where_the_money_is(world, catalogue):
    bob = world.signs_up("bob", catalogue.free, now=MARCH_1)
    order = world.orders(bob, catalogue.premium, now=MARCH_17)
    world.gateway.pay(world.opens_the_page(order, now=MARCH_17).gateway_ref)
    Membership.objects.filter(pk=bob.pk).update(revision=99)
    from checkout.operations.pay import reconcile

    reconcile(order=order, now=MARCH_17)
    assert "in your wallet" in sent("payment_credited").body


def test_a_scheduled_change_that_took_effect_is_told_as_such(world, catalogue, alice):
    world.orders(alice, catalogue.free, now=MARCH_17)
    renew(membership_id=alice.pk, now=datetime(2026, 4, 1, tzinfo=UTC))
    assert sent("change_applied").subject == "You now have Free at Sitewright"
