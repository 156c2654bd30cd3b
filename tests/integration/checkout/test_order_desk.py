"""The desk's way with orders in doubt: what needs a look, both sides of a payment, repair; and rehearsals."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from accounts.models import User
from checkout import tasks
from checkout.models import Order
from config.metrics import paid_not_applied
from memberships.billing.choose import gateway, network_gateway
from memberships.billing.gateway import RefundRequest
from memberships.models import Attempt, Payment, Refund, Transition
from memberships.operations.refunds import refund
from tests.integration.checkout.reading import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def alice(world, catalogue, now):
    """On Premium since an hour ago."""
    return world.signs_up("alice", catalogue.premium, now=now - timedelta(hours=1))


@pytest.fixture
def order(world, catalogue, alice, now):
    """Alice's upgrade, paid and applied just now."""
    return world.pays(world.orders(alice, catalogue.business, now=now), now=now)


def page_of(order: Order) -> str:
    return f"/admin/checkout/order/{order.pk}/compare/"


def looks(desk: Client, which: str) -> list[int]:
    answer = desk.get("/admin/checkout/order/", {"look": which})
    assert answer.status_code == 200
    return [order.pk for order in answer.context["cl"].queryset]


# Both sides


def test_both_sides_of_a_payment_say_the_same(desk, order):
    shown = text_of(desk.get(page_of(order)))
    assert "Both sides say the same." in shown
    assert "Try 1: Gateway's page" in shown
    assert shown.count("done") == 2
    assert f'{order.pk}/compare/"' in desk.get(f"/admin/checkout/order/{order.pk}/change/").content.decode()


def test_a_difference_is_marked_and_looking_changes_nothing(desk, world, catalogue, alice, now):
    order = world.orders(alice, catalogue.business, now=now)
    attempt = world.opens_the_page(order, now=now)
    world.gateway.pay(attempt.gateway_ref)
    for _look in range(2):
        shown = text_of(desk.get(page_of(order)))
        assert "1 difference." in shown
        assert "under way €0.00" in shown
        assert "done €60" in shown
    order.refresh_from_db()
    assert (order.state, order.payment.state) == ("open", "open")


def test_repair_books_what_the_gateway_says_with_a_reason_and_who_asked(desk, staff, world, catalogue, alice):
    order = world.orders(alice, catalogue.business, now=timezone.now())
    world.gateway.pay(world.opens_the_page(order, now=timezone.now()).gateway_ref)
    assert desk.post(page_of(order), {"reason": ""}).status_code == 422
    order.refresh_from_db()
    assert order.state == "open"
    answer = desk.post(page_of(order), {"reason": "Webhook lost"}, follow=True)
    assert "Both sides say the same." in text_of(answer)
    order.refresh_from_db()
    assert order.state == "fulfilled"
    told = Transition.objects.get(kind="repaired")
    assert (told.membership, told.actor, told.reason) == (alice, staff, "Webhook lost")
    assert LogEntry.objects.get(object_id=str(order.pk)).change_message == "repaired: Webhook lost"


def test_a_try_that_was_given_up_and_paid_all_the_same_is_found_and_credited(
    desk, world, catalogue, alice, now
):
    order = world.orders(alice, catalogue.business, now=now)
    attempt = world.opens_the_page(order, now=now)
    Attempt.objects.filter(pk=attempt.pk).update(state="failed", finished_at=now)
    Payment.objects.filter(pk=order.payment_id).update(state="closed", settled_at=now)
    Order.objects.filter(pk=order.pk).update(state="expired", settled_at=now)
    world.gateway.pay(attempt.gateway_ref)
    assert "1 difference." in text_of(desk.get(page_of(order)))
    desk.post(page_of(order), {"reason": "Customer wrote"})
    order.refresh_from_db()
    assert order.state == "credited"
    assert alice.wallet_entries.balance() == order.payment.amount


def test_refunds_are_compared_too_and_one_made_by_hand_shows(desk, order, now):
    refund(payment=order.payment, amount=100, reason="Slow", actor=None, now=now)
    shown = text_of(desk.get(page_of(order)))
    assert "Both sides say the same." in shown
    assert "Refund: Slow" in shown
    paid = order.payment.attempts.get()
    gateway().refund(RefundRequest(key="by hand", charge_ref=paid.gateway_ref, amount=250, currency="EUR"))
    shown = text_of(desk.get(page_of(order)))
    assert "1 difference." in shown
    assert "€1.00" in shown
    assert "€3.50" in shown


def test_a_refund_whose_answer_was_lost_is_booked(desk, order, now):
    refund(payment=order.payment, amount=100, reason="Slow", actor=None, now=now)
    Refund.objects.update(state="pending", settled_at=None)
    assert "differs" in text_of(desk.get(page_of(order)))
    desk.post(page_of(order), {"reason": "Stuck"})
    assert Refund.objects.get().state == Refund.State.SUCCEEDED


def test_a_gateway_that_is_away_is_said(desk, order, settings):
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    network_gateway.cache_clear()
    answer = desk.get(page_of(order))
    assert answer.status_code == 200
    assert "The gateway does not answer right now" in text_of(answer)


def test_who_may_only_look_at_orders_neither_compares_nor_repairs(order):
    viewer = User.objects.create_user(email="viewer@network.example", is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_order"))
    browser = Client(SERVER_NAME="localhost")
    browser.force_login(viewer)
    for way in (browser.get, browser.post):
        assert way(page_of(order)).status_code == 403
    assert (
        f'{order.pk}/compare/"'
        not in browser.get(f"/admin/checkout/order/{order.pk}/change/").content.decode()
    )
    assert Client(SERVER_NAME="localhost").get(page_of(order)).status_code == 302


# The alarm


def test_an_order_that_is_paid_and_not_applied_raises_the_alarm_until_it_is_applied(desk, order, now, caplog):
    assert (looks(desk, "paid_not_applied"), paid_not_applied()) == ([], 0)
    Order.objects.filter(pk=order.pk).update(state="open", settled_at=None)
    assert paid_not_applied() == 0  # it may still be on its way
    Payment.objects.filter(pk=order.payment_id).update(settled_at=now - timedelta(minutes=3))
    assert looks(desk, "paid_not_applied") == looks(desk, "suspicious") == [order.pk]
    assert paid_not_applied() == 1
    tasks.watch_paid_orders()
    assert f"order {order.uid} was paid at" in caplog.text
    assert "1 Paid and not applied 1 Orders to hold against the gateway" in text_of(desk.get("/admin/"))
    metrics = Client(SERVER_NAME="localhost").get("/metrics").content.decode()
    assert "sitewright_paid_not_applied 1.0" in metrics
    Order.objects.filter(pk=order.pk).update(state="fulfilled", settled_at=now)
    assert (looks(desk, "paid_not_applied"), paid_not_applied()) == ([], 0)


def without_an_answer(order: Order, then: datetime) -> None:
    order.payment.attempts.update(state="waiting", started_at=then)


def of_another_amount(order: Order, _then: datetime) -> None:
    Payment.objects.filter(order=order).update(state="closed", captured=0)


def with_a_refund_without_an_answer(order: Order, then: datetime) -> None:
    _refund(order, state="pending", created_at=then)


def with_a_refund_that_failed(order: Order, then: datetime) -> None:
    _refund(order, state="failed", settled_at=then, created_at=then)


@pytest.mark.parametrize(
    "make_it",
    [without_an_answer, of_another_amount, with_a_refund_without_an_answer, with_a_refund_that_failed],
)
def test_an_order_in_doubt_is_listed(desk, order, now, make_it):
    assert looks(desk, "suspicious") == []
    make_it(order, now - timedelta(hours=3))
    assert looks(desk, "suspicious") == [order.pk]


def _refund(order: Order, **fields) -> None:
    assert order.payment is not None
    Refund.objects.create(payment=order.payment, amount=100, reason="x", **fields)


# Rehearsals


def test_a_rehearsal_is_a_table_and_leaves_nothing(desk, alice):
    page = f"/admin/memberships/membership/{alice.pk}/rehearse/"
    assert (
        f'{alice.pk}/rehearse/"'
        in desk.get(f"/admin/memberships/membership/{alice.pk}/change/").content.decode()
    )
    assert "nobody is charged, nothing is sent, nothing changes" in text_of(desk.get(page))
    until = (timezone.localdate() + timedelta(days=40)).isoformat()
    answer = desk.post(page, {"until": until, "card": "declines"})
    assert answer.status_code == 200
    shown = text_of(answer)
    assert "Active → Payment overdue" in shown
    assert "Could not be charged €30.00 Payment overdue" in shown
    alice.refresh_from_db()
    assert (alice.state, alice.invoices.count()) == ("active", 1)


@pytest.mark.parametrize(
    ("days", "said"), [(0, "Choose a day to come."), (1200, "Choose a day within the next three years.")]
)
def test_a_day_that_cannot_be_rehearsed_is_refused_at_its_field(desk, alice, days, said):
    until = (timezone.localdate() + timedelta(days=days)).isoformat()
    answer = desk.post(
        f"/admin/memberships/membership/{alice.pk}/rehearse/", {"until": until, "card": "works"}
    )
    assert answer.status_code == 422
    assert said in text_of(answer)


def test_the_command_writes_the_same_table(alice):
    out = StringIO()
    until = (timezone.localdate() + timedelta(days=40)).isoformat()
    for named in (str(alice.pk), str(alice.uid), "alice@example.com"):
        out = StringIO()
        call_command("rehearse", named, "--until", until, stdout=out)
        head, row = out.getvalue().splitlines()
        assert head.split() == ["date", "what", "amount", "state", "next", "bill", "mail"]
        assert "  Renewed Premium  €30.00  Active  €30.00 on " in row


def test_the_command_says_what_it_cannot_do(alice):
    tomorrow = (datetime.now(tz=UTC) + timedelta(days=1)).date().isoformat()
    for named, said in (("nobody@example.com", "names 0 memberships"), ("xyz", "names no membership")):
        with pytest.raises(CommandError, match=said):
            call_command("rehearse", named, "--until", tomorrow)
    with pytest.raises(CommandError, match="Choose a day to come"):
        call_command("rehearse", str(alice.pk), "--until", "2020-01-01")
