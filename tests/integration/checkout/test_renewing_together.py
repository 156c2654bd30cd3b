"""A batch of renewals: plain ones are written together, and what comes of it is what comes of one by itself."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext

from checkout.models import Order
from checkout.operations import bills
from checkout.operations.books import what_is_wrong
from checkout.operations.cancel import cancel
from checkout.operations.pay import give_up
from checkout.operations.renew import renew_all
from memberships.models import Attempt, Invoice, Membership, Notice, Payment, PaymentMethod, Transition
from memberships.operations import collection
from memberships.operations.wallet import adjust

MARCH_1 = datetime(2026, 3, 1, tzinfo=UTC)
APRIL_1 = datetime(2026, 4, 1, tzinfo=UTC)
SAVED_THEN_DECLINED = "4000000000000341"
THEIR_OWN = {"id", "uid", "reference", "number", "gateway_ref", "card_ref", "to", "customer_name"}


@pytest.fixture
def members(world, catalogue):
    """So many on Premium for the whole of March 2026, each with a package and a card that works."""

    def sign_up(number: int) -> list[Membership]:
        extra = {catalogue.visits: 1}
        return [
            world.signs_up(f"member-{n}", catalogue.premium, now=MARCH_1, addons=extra) for n in range(number)
        ]

    return sign_up


def keys(memberships: list[Membership]) -> list[int]:
    return [membership.pk for membership in memberships]


def figures(row: Model) -> dict[str, Any]:
    """The columns of a row that are not its own: what it says, not which row it is."""
    return {
        field.name: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if field.name not in THEIR_OWN and (not field.is_relation or field.name == "product")
    }


def everything(membership: Membership) -> dict[str, list[dict[str, Any]]]:
    order = Order.objects.select_related("payment", "quote").get(membership=membership, kind="renewal")
    bill = Invoice.objects.get(membership=membership, kind="renewal")
    payment = Payment.objects.get(order=order)
    rows: dict[str, list[Model]] = {
        "membership": [Membership.objects.get(pk=membership.pk)],
        "items": list(membership.items.order_by("id")),
        "quote": [order.quote],
        "order": [order],
        "payment": [payment],
        "attempts": list(payment.attempts.order_by("number")),
        "bill": [bill],
        "lines": list(bill.lines.order_by("id")),
        "history": list(Transition.objects.filter(membership=membership).order_by("id")),
        "mails": list(Notice.objects.filter(membership=membership).order_by("id")),
        "cards": list(PaymentMethod.objects.filter(customer=membership.customer)),
    }
    return {name: [figures(row) for row in found] for name, found in rows.items()}


def test_twins_renewed_both_ways_have_the_same_rows(world, members, monkeypatch):
    together, alone = members(2)
    renew_all(membership_ids=[together.pk], now=APRIL_1)
    monkeypatch.setattr(bills, "fulfil_together", lambda **_: {})
    renew_all(membership_ids=[alone.pk], now=APRIL_1)
    assert everything(together) == everything(alone)
    assert everything(together)["order"][0]["state"] == "fulfilled"


def test_a_batch_takes_as_many_statements_as_a_pair(members):
    everyone = members(8)
    taken = []
    for batch in (everyone[:2], everyone[2:]):
        with CaptureQueriesContext(connection) as statements:
            renew_all(membership_ids=keys(batch), now=APRIL_1)
        taken.append(len(statements))
    assert taken[0] == taken[1]


def test_bills_of_a_batch_are_numbered_without_gaps(world, members):
    everyone = members(5)
    renew_all(membership_ids=keys(everyone), now=APRIL_1)
    numbers = Invoice.objects.order_by("id").values_list("number", flat=True)
    assert list(numbers) == [f"2026-{number:05d}" for number in range(1, 11)]


def test_in_one_batch_each_gets_what_is_theirs(world, catalogue, members, staff):
    plain, downgrading, declined, leaving, thrifty, cardless = everyone = members(6)
    world.orders(downgrading, catalogue.free, now=MARCH_1)
    world.gateway.change_card(world.card_of(declined).gateway_ref, card=SAVED_THEN_DECLINED)
    cancel(membership=leaving, user=leaving.customer.user, reason="", now=MARCH_1)
    adjust(membership=thrifty, amount=1000, note="Sorry", actor=staff, reference="gift", now=MARCH_1)
    cardless.customer.payment_methods.all().delete()

    orders = renew_all(membership_ids=keys(everyone), now=APRIL_1)

    paid = {order.membership_id: order.payment.amount for order in orders.values() if order.payment}
    assert paid == {plain.pk: 3500, declined.pk: 3500, thrifty.pk: 2500, cardless.pk: 3500}
    states = [world.fresh(membership).state for membership in everyone]
    assert states == ["active", "active", "past_due", "cancelled", "active", "past_due"]
    told = [membership.notices.order_by("id").last().kind for membership in everyone]
    assert told == ["renewed", "change_applied", "payment_failed", "cancelled", "renewed", "payment_failed"]
    assert [str(finding) for finding in what_is_wrong(now=APRIL_1)] == []


def test_one_that_changed_while_the_cards_were_charged_is_not_written_with_the_others(
    world, members, monkeypatch
):
    moved_on, other = members(2)
    charge = collection.charge_together

    def meanwhile(*, attempts):
        charges = charge(attempts=attempts)
        if attempts:
            Membership.objects.filter(pk=moved_on.pk).update(revision=99)
        return charges

    monkeypatch.setattr(bills, "charge_together", meanwhile)
    orders = renew_all(membership_ids=keys([moved_on, other]), now=APRIL_1)
    assert orders[other.pk].state == "fulfilled"
    settled = Order.objects.filter(membership=moved_on, kind="renewal").order_by("id")
    assert [order.state for order in settled] == ["credited", "fulfilled"]  # billed anew, from the wallet
    assert moved_on.wallet_entries.balance() == 0
    assert world.gateway.state()["charges"]["succeeded"] == 4


def test_a_charge_that_was_stopped_before_it_was_confirmed_is_not_made(world, members, monkeypatch):
    (member,) = members(1)
    prepare = collection._prepared

    def stopped(attempt: Attempt):
        charge = prepare(attempt)
        give_up(order=Order.objects.open().get(), state=Order.State.CANCELLED, now=APRIL_1)
        return charge

    monkeypatch.setattr(collection, "_prepared", stopped)
    renew_all(membership_ids=[member.pk], now=APRIL_1)
    assert world.gateway.state()["charges"]["succeeded"] == 1
    assert Attempt.objects.latest("id").state == "failed"


@pytest.mark.parametrize("kind", ["server_error", "cut_before", "timeout_after"])
def test_a_gateway_in_trouble_for_one_of_a_batch_charges_each_once(world, members, kind):
    everyone = members(3)
    world.gateway.control(fail_next={"kind": kind, "path": "/v1/payment_intents"})
    renew_all(membership_ids=keys(everyone), now=APRIL_1)
    for payment in Payment.objects.filter(state="open"):
        collection.reconcile_payment(payment=payment, now=APRIL_1)
    renew_all(membership_ids=keys(everyone), now=APRIL_1)
    assert Order.objects.filter(kind="renewal", state="fulfilled").count() == 3
    assert world.gateway.state()["charges"]["succeeded"] == 6
