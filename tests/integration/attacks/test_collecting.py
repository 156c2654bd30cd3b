"""Payments and the gateway at their worst: nobody is charged twice, or for nothing, or stuck."""

from datetime import UTC, datetime, timedelta

import pytest
import stripe
from django.test import Client
from django.utils import timezone

from checkout.models import Order
from checkout.operations.pay import give_up, pay, reconcile
from checkout.operations.renew import renew
from memberships.billing.choose import gateway
from memberships.billing.gateway import GatewayRefused, GatewayUnavailable
from memberships.models import Attempt, Membership, Payment, PaymentMethod

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


def deleted_at_the_gateway(world, membership: Membership) -> str:
    membership.customer.refresh_from_db()
    ref = membership.customer.gateway_ref
    client = stripe.StripeClient(world.gateway.api_key, base_addresses={"api": world.gateway.base_url})
    client.v1.customers.delete(ref)
    return ref


def test_a_customer_whom_the_gateway_has_deleted_is_registered_anew_and_pays(world, catalogue, alice):
    before = deleted_at_the_gateway(world, alice)
    order = world.pays(world.orders(alice, catalogue.business, now=MARCH_17), now=MARCH_17)
    alice.customer.refresh_from_db()
    assert (order.state, alice.customer.gateway_ref == before) == ("fulfilled", False)
    assert [attempt.state for attempt in order.payment.attempts.all()] == ["failed", "succeeded"]


def test_the_cards_of_a_customer_whom_the_gateway_has_deleted_are_forgotten(world, catalogue, alice):
    deleted_at_the_gateway(world, alice)
    order = world.orders(alice, catalogue.business, now=MARCH_17)
    with pytest.raises(GatewayRefused):
        pay(order=order, card=world.card_of(alice), return_url="http://localhost/", now=MARCH_17)
    assert alice.customer.payment_methods.count() == 0
    assert world.pays(order, now=MARCH_17).state == "fulfilled"


def test_a_customer_deleted_twice_is_registered_anew_each_time(world, catalogue, alice):
    refs = {deleted_at_the_gateway(world, alice)}
    world.opens_the_page(world.orders(alice, catalogue.business, now=MARCH_17), now=MARCH_17)
    refs.add(deleted_at_the_gateway(world, alice))
    order = Order.objects.open().get()
    give_up(order=order, state=Order.State.CANCELLED, now=MARCH_17)
    assert (
        world.pays(world.orders(alice, catalogue.business, now=MARCH_17), now=MARCH_17).state,
        len(refs),
    ) == ("fulfilled", 2)


def test_money_of_another_amount_than_was_asked_for_goes_to_the_wallet_and_pays_nothing(
    world, catalogue, bob, caplog
):
    order = world.orders(bob, catalogue.premium, now=MARCH_17)
    attempt = world.opens_the_page(order, now=MARCH_17)
    Payment.objects.filter(pk=order.payment_id).update(amount=2900)
    world.gateway.pay(attempt.gateway_ref)
    for _ in range(3):
        reconcile(order=Order.objects.select_related("payment").get(pk=order.pk), now=MARCH_17)
    attempt.refresh_from_db()
    told = "captured 3000 EUR, asked for 2900 EUR"
    assert (attempt.state, attempt.refusal, attempt.payment.state) == ("succeeded", told, "closed")
    entry = bob.wallet_entries.get()
    assert (entry.amount, entry.reason, entry.note) == (3000, "mismatch", told)
    assert [notice.reference for notice in bob.notices.filter(kind="payment_credited")] == [entry.reference]
    assert (codes(bob), [record.levelname for record in caplog.records if told in record.message]) == (
        ["free"],
        ["ERROR"],
    )


def test_money_in_another_currency_than_was_asked_for_is_told_and_closes_the_payment(
    world, catalogue, bob, caplog
):
    order = world.orders(bob, catalogue.premium, now=MARCH_17)
    attempt = world.opens_the_page(order, now=MARCH_17)
    Payment.objects.filter(pk=order.payment_id).update(currency="USD")
    world.gateway.pay(attempt.gateway_ref)
    reconcile(order=Order.objects.select_related("payment").get(pk=order.pk), now=MARCH_17)
    attempt.refresh_from_db()
    assert (attempt.payment.state, attempt.refusal) == ("closed", "captured 3000 EUR, asked for 3000 USD")
    assert bob.wallet_entries.count() == 0
    assert "asked for 3000 USD" in caplog.text
