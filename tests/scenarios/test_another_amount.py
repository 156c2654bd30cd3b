"""A bill for which the bank took another amount than was asked: the money is in the wallet, and the period is billed
from there."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.test import Client

from checkout.models import Order
from checkout.operations.bills import expire_overdue
from checkout.operations.books import what_is_wrong
from checkout.operations.pay import reconcile
from checkout.operations.renew import renew
from checkout.tasks import sweep_orders
from memberships.models import Membership, Payment
from memberships.operations.collection import reconcile_payment
from tests.integration.checkout.reading import text_of

MARCH_1 = datetime(2026, 3, 1, tzinfo=UTC)
APRIL_1 = datetime(2026, 4, 1, tzinfo=UTC)
APRIL_2 = datetime(2026, 4, 2, tzinfo=UTC)
APRIL_16 = datetime(2026, 4, 16, tzinfo=UTC)
MAY_1 = datetime(2026, 5, 1, tzinfo=UTC)
SAVED_THEN_DECLINED, PAYS = "4000000000000341", "4242424242424242"


@pytest.fixture(autouse=True)
def the_books_are_silent(db) -> Iterator[None]:
    yield
    assert list(what_is_wrong(now=APRIL_16)) == []


@pytest.fixture
def alice(world, catalogue) -> Membership:
    """On Premium (30.00) for March; since 1 April her bill is overdue. Her card works again from then on."""
    alice = world.signs_up("alice", catalogue.premium, now=MARCH_1)
    card = world.card_of(alice).gateway_ref
    world.gateway.change_card(card, card=SAVED_THEN_DECLINED)
    renew(membership_id=alice.pk, now=APRIL_1)
    world.gateway.change_card(card, card=PAYS)
    assert world.fresh(alice).state == "past_due"
    return alice


@pytest.fixture
def takes(world, alice):
    """The bank takes `amount` for the bill, on the gateway's page. Answers the order, not brought up to date."""

    def takes(amount: int) -> Order:
        order = Order.objects.open().select_related("payment").get()
        payment = Payment.objects.get(order=order)
        asked = payment.amount
        Payment.objects.filter(pk=payment.pk).update(amount=amount)
        order.payment.refresh_from_db()
        world.gateway.pay(world.opens_the_page(order, now=APRIL_2).gateway_ref)
        Payment.objects.filter(pk=payment.pk).update(amount=asked)
        return Order.objects.select_related("payment").get(pk=order.pk)

    return takes


def wallet(membership: Membership) -> list[tuple[str, int]]:
    return list(membership.wallet_entries.order_by("id").values_list("reason", "amount"))


@pytest.mark.parametrize(
    ("taken", "still_due"),
    [(3500, None), (1000, 2000)],
    ids=["more than was asked", "less than was asked"],
)
def test_the_period_is_billed_anew_from_the_wallet_and_the_card_pays_what_is_missing(
    world, alice, takes, taken, still_due
):
    order = takes(taken)
    for _ in range(2):
        order = reconcile(order=order, now=APRIL_2)
    assert (order.state, order.payment.state, world.fresh(alice).state) == ("cancelled", "closed", "active")
    assert wallet(alice) == [("mismatch", taken)]
    again = renew(membership_id=alice.pk, now=APRIL_2)
    assert (again.state, again.payment and again.payment.amount) == ("fulfilled", still_due)
    alice = world.fresh(alice)
    assert (alice.state, alice.period_start, alice.period_end) == ("active", APRIL_1, MAY_1)
    assert wallet(alice)[1:] == [("used", -min(taken, 3000))]


def test_nobody_is_told_that_a_bill_failed_whose_money_is_in_the_wallet(
    world, alice, takes, django_capture_on_commit_callbacks
):
    order = takes(3500)
    with django_capture_on_commit_callbacks(execute=True):
        reconcile(order=order, now=APRIL_2)
        world.a_day(APRIL_2)
    told = list(alice.notices.filter(created_at=APRIL_2).order_by("id").values_list("kind", flat=True))
    assert told == ["payment_credited", "renewed"]


def test_the_page_of_the_bill_says_where_the_money_is(alice, takes):
    order = takes(3500)
    browser = Client(headers={"host": "localhost"})
    browser.force_login(alice.customer.user)
    shown = text_of(browser.get(f"/orders/{order.uid}/"))
    assert "Another amount than was asked for has arrived" in shown
    assert "€35.00 is in your wallet and pays for your next bills. You have Premium." in shown
    assert "Nothing was charged" not in shown
    assert renew(membership_id=alice.pk, now=APRIL_2).state == "fulfilled"


def test_a_process_that_dies_after_the_money_is_booked_leaves_the_rest_to_the_sweep(world, alice, takes):
    order = takes(3500)
    reconcile_payment(payment=order.payment, now=APRIL_2)
    assert (world.fresh(alice).state, Order.objects.open().get()) == ("past_due", order)
    assert sweep_orders() == 1
    order.refresh_from_db()
    assert (order.state, world.fresh(alice).state) == ("cancelled", "active")
    assert renew(membership_id=alice.pk, now=APRIL_2).state == "fulfilled"


def test_money_that_is_found_on_the_day_the_membership_would_expire_keeps_it_running(world, alice, takes):
    takes(3500)
    assert expire_overdue(membership_id=alice.pk, now=APRIL_16) is False
    assert renew(membership_id=alice.pk, now=APRIL_16).state == "fulfilled"
    assert world.fresh(alice).period_start == APRIL_1
