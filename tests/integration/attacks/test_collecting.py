"""Payments and the gateway at their worst: nobody is charged twice, or for nothing, or stuck."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from checkout.models import Order
from checkout.operations.pay import give_up, pay
from checkout.operations.renew import renew
from memberships.billing.choose import gateway
from memberships.billing.gateway import GatewayRefused, GatewayUnavailable
from memberships.models import Attempt, Membership, PaymentMethod

MARCH_17 = datetime(2026, 3, 17, tzinfo=UTC)
APRIL_1 = datetime(2026, 4, 1, tzinfo=UTC)
ASKS = "4000002760003184"


def codes(membership: Membership) -> list[str]:
    return [item.product.code for item in membership.items.live()]


def browser_of(membership: Membership) -> Client:
    client = Client(headers={"host": "localhost"})
    client.force_login(membership.customer.user)
    return client


def test_an_order_whose_card_the_gateway_no_longer_knows_can_be_stopped(world, catalogue, alice):
    PaymentMethod.objects.filter(customer=alice.customer).update(gateway_ref="pm_gone")
    order = world.orders(alice, catalogue.business, now=MARCH_17)
    with pytest.raises(GatewayRefused):
        pay(order=order, card=world.card_of(alice), return_url="http://localhost/", now=MARCH_17)
    assert give_up(order=order, state=Order.State.CANCELLED, now=MARCH_17).state == "cancelled"


def test_a_payment_page_that_was_never_opened_can_be_asked_for_again_hours_later(world, catalogue, alice):
    alice.customer.payment_methods.all().delete()
    order = renew(membership_id=alice.pk, now=APRIL_1)
    assert order is not None
    world.gateway.control(fail_next={"kind": "cut_before", "path": "/v1/checkout/sessions"})
    with pytest.raises(GatewayUnavailable):
        pay(order=order, card=None, return_url="http://localhost/", now=timezone.now() - timedelta(hours=3))
    browser = browser_of(alice)
    browser.get(f"/orders/{order.uid}/")
    page = browser.post(f"/orders/{order.uid}/pay/")
    assert page.status_code == 200
    assert Attempt.objects.latest("id").url in page.content.decode()


def test_a_page_that_opens_after_its_order_was_stopped_is_shown_to_nobody(world, catalogue, bob, monkeypatch):
    order = world.orders(bob, catalogue.premium, now=MARCH_17)
    open_page = gateway().open_hosted_page

    def slowly(request):
        page = open_page(request)
        give_up(order=Order.objects.get(pk=order.pk), state=Order.State.CANCELLED, now=MARCH_17)
        return page

    monkeypatch.setattr(gateway(), "open_hosted_page", slowly)
    attempt = world.opens_the_page(order, now=MARCH_17)
    assert (attempt.state, attempt.is_open) == ("failed", False)


def test_a_page_that_opens_after_the_saved_card_paid_is_shown_to_nobody(world, catalogue, alice, monkeypatch):
    order = world.orders(alice, catalogue.business, now=MARCH_17)
    open_page = gateway().open_hosted_page

    def slowly(request):
        page = open_page(request)
        other = Order.objects.select_related("payment").get(pk=order.pk)
        pay(order=other, card=world.card_of(alice), return_url="http://localhost/", now=MARCH_17)
        return page

    monkeypatch.setattr(gateway(), "open_hosted_page", slowly)
    attempt = world.opens_the_page(order, now=MARCH_17)
    assert (attempt.state, attempt.is_open, codes(alice)) == ("failed", False, ["business"])


def test_another_saved_card_is_charged_and_not_the_one_tried_before(world, catalogue, alice):
    first = world.card_of(alice)
    world.gateway.change_card(first.gateway_ref, card=ASKS)
    order = world.orders(alice, catalogue.business, now=MARCH_17)
    asked = pay(order=order, card=first, return_url="http://localhost/", now=MARCH_17)
    assert asked.state == "waiting"
    second = PaymentMethod.objects.create(
        customer=alice.customer, gateway_ref="pm_other", brand="visa", last4="1111", exp_month=1, exp_year=2030,
        created_at=MARCH_17,
    )  # fmt: skip
    with pytest.raises(GatewayRefused):  # the double does not know it, but it is the one that is asked for
        pay(order=order, card=second, return_url="http://localhost/", now=MARCH_17)
    assert [attempt.card_ref for attempt in order.payment.attempts.all()] == [first.gateway_ref, "pm_other"]


def test_a_customer_who_changes_name_after_a_lost_answer_can_still_pay(world, catalogue, bob):
    order = world.orders(bob, catalogue.premium, now=MARCH_17)
    world.gateway.control(fail_next={"kind": "timeout_after", "path": "/v1/customers"})
    with pytest.raises(GatewayUnavailable):
        world.opens_the_page(order, now=MARCH_17)
    bob.customer.company = "Bob and Sons"
    bob.customer.save()
    order = Order.objects.select_related("payment").get(pk=order.pk)
    assert world.pays(order, now=MARCH_17).state == "fulfilled"
