"""Renewals that die half way, or that a member would rather not pay."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from checkout import tasks
from checkout.models import Order
from checkout.operations import bills
from checkout.operations.pay import give_up, reconcile
from checkout.operations.renew import renew
from memberships.billing.gateway import GatewayRefused
from memberships.models import Membership, PaymentMethod
from memberships.operations.keep_plan import keep_plan
from products.models import PlanGroup

MARCH_1 = datetime(2026, 3, 1, tzinfo=UTC)
MARCH_17 = datetime(2026, 3, 17, tzinfo=UTC)
APRIL_1 = datetime(2026, 4, 1, tzinfo=UTC)
SAVED_THEN_DECLINED = "4000000000000341"


def codes(membership: Membership) -> list[str]:
    return [item.product.code for item in membership.items.live()]


def browser_of(membership: Membership) -> Client:
    client = Client(headers={"host": "localhost"})
    client.force_login(membership.customer.user)
    return client


def test_a_package_kept_through_an_upgrade_that_keeps_the_renewal_date_can_still_be_priced(
    world, catalogue, alice
):
    catalogue.high_end.on_upgrade = PlanGroup.OnUpgrade.KEEP_RENEWAL_DATE
    catalogue.high_end.save()
    extra = {catalogue.visits: 1}
    world.pays(world.orders(alice, catalogue.premium, now=MARCH_1, addons=extra), now=MARCH_1)
    world.pays(world.orders(alice, catalogue.business, now=MARCH_17, addons=extra), now=MARCH_17)
    order = renew(membership_id=alice.pk, now=APRIL_1)
    assert (order.state, order.payment.amount) == ("fulfilled", 9500)


def test_a_renewal_that_died_before_the_charge_is_charged_by_the_sweep_and_by_nobody_else(
    world, catalogue, alice, monkeypatch
):
    with monkeypatch.context() as patch:
        patch.setattr(bills, "charge_together", lambda **_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            renew(membership_id=alice.pk, now=APRIL_1)
    order = renew(membership_id=alice.pk, now=APRIL_1)
    assert order is not None
    assert (order.state, world.gateway.state()["charges"]["succeeded"]) == ("open", 1)
    reconcile(order=order, now=APRIL_1)
    assert (Order.objects.get(kind="renewal").state, world.fresh(alice).period_start) == (
        "fulfilled",
        APRIL_1,
    )
    assert world.gateway.state()["charges"]["succeeded"] == 2


def test_a_renewal_declined_after_the_gateway_was_away_is_past_due_and_told(world, catalogue, alice):
    world.gateway.change_card(world.card_of(alice).gateway_ref, card=SAVED_THEN_DECLINED)
    world.gateway.control(fail_next={"kind": "cut_before", "path": "/v1/payment_intents"})
    order = renew(membership_id=alice.pk, now=APRIL_1)
    assert order is not None
    reconcile(order=order, now=APRIL_1)
    renew(membership_id=alice.pk, now=APRIL_1)
    alice = world.fresh(alice)
    assert (
        alice.state,
        list(alice.notices.filter(kind="payment_failed").values_list("kind", flat=True)),
    ) == (
        "past_due",
        ["payment_failed"],
    )
    assert order.payment.attempts.count() == 1


def test_a_renewal_whose_card_the_gateway_no_longer_knows_is_past_due_and_another_card_pays(
    world, catalogue, alice
):
    PaymentMethod.objects.filter(customer=alice.customer).update(gateway_ref="pm_gone")
    order = renew(membership_id=alice.pk, now=APRIL_1)
    assert world.fresh(alice).state == "past_due"
    assert world.pays(order, now=APRIL_1).state == "fulfilled"
    assert world.fresh(alice).state == "active"


def test_one_order_in_trouble_does_not_keep_the_sweep_from_the_others(
    world, catalogue, alice, bob, monkeypatch
):
    now = MARCH_17
    older = world.orders(bob, catalogue.premium, now=now - timedelta(hours=3))
    newer = world.orders(alice, catalogue.business, now=now - timedelta(hours=2))
    honest = give_up

    def refused_once(*, order, **rest):
        if order == newer:
            raise GatewayRefused("no such thing")
        return honest(order=order, **rest)

    monkeypatch.setattr(tasks, "give_up", refused_once)
    with time_machine.travel(now, tick=False):
        tasks.sweep_orders()
    older.refresh_from_db()
    assert older.state == "expired"


def test_a_renewal_cannot_be_stopped_by_the_member(world, catalogue, alice):
    alice.customer.payment_methods.all().delete()
    order = renew(membership_id=alice.pk, now=APRIL_1)
    browser = browser_of(alice)
    assert "/stop/" not in browser.get(f"/orders/{order.uid}/").content.decode()
    browser.post(f"/orders/{order.uid}/stop/")
    order.refresh_from_db()
    assert (order.state, world.fresh(alice).state) == ("open", "past_due")


def test_keeping_the_plan_while_its_downgrade_waits_for_payment_does_not_lock_the_member_out(
    world, catalogue, alice
):
    world.pays(world.orders(alice, catalogue.business, now=MARCH_1), now=MARCH_1)
    world.orders(alice, catalogue.premium, now=MARCH_17)
    alice.customer.payment_methods.all().delete()
    order = renew(membership_id=alice.pk, now=APRIL_1)
    keep_plan(membership=world.fresh(alice), actor=alice.customer.user, now=APRIL_1)
    assert world.pays(order, now=APRIL_1).state == "credited"
    again = renew(membership_id=alice.pk, now=APRIL_1)
    assert (again.payment.amount, codes(alice)) == (6000, ["business"])


def test_a_renewal_paid_while_the_run_was_still_looking_is_not_past_due(world, catalogue, alice, monkeypatch):
    world.gateway.change_card(world.card_of(alice).gateway_ref, card=SAVED_THEN_DECLINED)

    declined = bills._charge

    def meanwhile(attempt, charge, now):
        declined(attempt, charge, now)
        world.pays(Order.objects.select_related("payment").get(payment=attempt.payment), now=APRIL_1)

    monkeypatch.setattr(bills, "_charge", meanwhile)
    renew(membership_id=alice.pk, now=APRIL_1)
    assert (world.fresh(alice).state, world.fresh(alice).period_start) == ("active", APRIL_1)


def test_a_plan_is_not_kept_while_an_order_waits_whose_money_could_then_buy_nothing(world, catalogue, alice):
    world.orders(alice, catalogue.free, now=MARCH_17)
    order = world.orders(alice, catalogue.business, now=MARCH_17)
    browser_of(alice).post(f"/account/{alice.uid}/keep-plan/")
    assert (world.pays(order, now=MARCH_17).state, codes(alice)) == ("fulfilled", ["business"])
