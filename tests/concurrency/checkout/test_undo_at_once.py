"""Undoing at the same moment as something else: once, or not at all, and the books are in order afterwards."""

from datetime import datetime, timedelta
from threading import Event, Thread

import pytest
from django.db import connection
from django.utils import timezone

from checkout.models import Order
from checkout.operations import rehearsal
from checkout.operations.books import what_is_wrong
from checkout.operations.confirm import AnotherOrderIsOpen, QuoteStale, confirm
from checkout.operations.day import a_day
from checkout.operations.renew import renew
from checkout.operations.undo import UndoRefused, undo
from memberships.billing.rehearsal import CardBehaviour
from memberships.models import Membership, Refund
from memberships.operations.wallet import adjust
from products.pricing import Interval, Unit
from tests.factories.at_once import at_once
from tests.factories.catalogue import product
from tests.factories.world import MONTHLY, YEARLY

pytestmark = pytest.mark.django_db(transaction=True)
DAILY = Interval(unit=Unit.DAY)


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def bob(world, catalogue, now):
    return world.signs_up("bob", catalogue.premium, now=now - timedelta(days=3))


@pytest.fixture
def order(world, catalogue, bob, now):
    return world.pays(world.orders(bob, catalogue.business, now=now), now=now)


def codes(membership: Membership) -> list[str]:
    return [item.product.code for item in membership.items.live()]


def wrong() -> list[str]:
    return [str(finding) for finding in what_is_wrong(now=timezone.now())]


def test_ten_times_at_once_is_once(world, bob, order):
    results = at_once(
        10, lambda _: undo(order=Order.objects.get(pk=order.pk), actor=None, now=timezone.now())
    )
    assert {getattr(result, "state", result) for result in results} == {Order.State.UNDONE}
    assert [(each.amount, each.state) for each in Refund.objects.all()] == [
        (order.payment.amount, "succeeded")
    ]
    assert bob.transitions.filter(kind="undone").count() == 1
    assert (codes(bob), world.gateway.state()["refunds"], wrong()) == (["premium"], 1, [])


def test_of_undo_and_another_change_one_is_told(world, catalogue, bob, order, now):
    quote = world.quote(bob, catalogue.business, now=now, addons={catalogue.disk: 1})
    ways = (
        lambda: undo(order=Order.objects.get(pk=order.pk), actor=None, now=timezone.now()),
        lambda: confirm(quote=quote, user=bob.customer.user, now=timezone.now()),
    )
    undone, changed = at_once(2, lambda n: ways[n]())
    if isinstance(undone, UndoRefused):
        assert (undone.code, changed.state, codes(bob)) == ("under_way", Order.State.OPEN, ["business"])
    else:
        assert isinstance(changed, QuoteStale | AnotherOrderIsOpen)
        assert (undone.state, codes(bob)) == (Order.State.UNDONE, ["premium"])
    assert wrong() == []


def test_of_undo_and_renewal_one_comes_first(world, catalogue, now):
    daily = product("daily", group=catalogue.high_end, rank=4, prices={"day": 700})
    carol = world.signs_up("carol", catalogue.free, now=now - timedelta(days=2))
    yesterday = now - timedelta(hours=23, minutes=59)
    order = world.pays(world.orders(carol, daily, now=yesterday, interval=DAILY), now=yesterday)
    then = yesterday + timedelta(days=1)
    ways = (
        lambda: undo(order=Order.objects.get(pk=order.pk), actor=None, now=then - timedelta(seconds=1)),
        lambda: renew(membership_id=carol.pk, now=then),
    )
    undone, renewed = at_once(2, lambda n: ways[n]())
    if isinstance(undone, UndoRefused):
        assert undone.code in {"under_way", "changed"}
        renew(membership_id=carol.pk, now=then)  # the next run: a bill that is in other hands is left for it
        renewed.refresh_from_db()
        assert (renewed.state, codes(carol)) == (Order.State.FULFILLED, ["daily"])
        assert Refund.objects.count() == 0
    else:
        assert (undone.state, codes(carol), renewed) == (Order.State.UNDONE, ["free"], None)
        assert Refund.objects.get().amount == 700
    assert wrong() == []


def test_of_undo_and_spending_its_credit_one_is_told(world, catalogue, staff, now):
    """Yearly Premium to monthly Business leaves credit, which undoing takes again."""
    start = now - timedelta(days=3)
    dave = world.signs_up("dave", catalogue.premium, now=start, interval=YEARLY)
    order = world.orders(dave, catalogue.business, now=now, interval=MONTHLY)
    credit = dave.wallet_entries.balance()
    ways = (
        lambda: undo(order=Order.objects.get(pk=order.pk), actor=None, now=timezone.now()),
        lambda: adjust(
            membership=Membership.objects.get(pk=dave.pk), amount=-credit, note="Out", actor=staff, reference="out",
            now=timezone.now(),
        ),
    )  # fmt: skip
    undone, _spent = at_once(2, lambda n: ways[n]())
    assert dave.wallet_entries.balance() == 0
    assert getattr(undone, "code", undone) == "credit_spent" or codes(dave) == ["premium"]
    assert wrong() == []


def test_a_rehearsal_holds_nobody_up_and_sees_nothing_of_it(world, catalogue, bob, now, monkeypatch):
    """In the midst of it, its member upgrades and undoes that; all of it is committed before the rehearsal ends."""
    under_way, go_on = Event(), Event()

    def a_slow_day(**when) -> None:
        a_day(**when)
        under_way.set()
        assert go_on.wait(60)

    found = []

    def rehearse() -> None:
        try:
            found.append(
                rehearsal.rehearse(
                    membership=bob, until=now + timedelta(days=40), card=CardBehaviour.WORKS, now=now
                )
            )
        finally:
            connection.close()

    monkeypatch.setattr("checkout.operations.rehearsal.a_day", a_slow_day)
    thread = Thread(target=rehearse)
    thread.start()
    assert under_way.wait(60)
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = '10s'")
    order = world.pays(world.orders(bob, catalogue.business, now=now), now=now)
    assert codes(bob) == ["business"]
    undo(order=order, actor=None, now=now)
    with connection.cursor() as cursor:
        cursor.execute("RESET statement_timeout")
    go_on.set()
    thread.join(60)
    assert [row.what for row in found[0].rows] == ["Renewed Premium"]
    assert codes(bob) == ["premium"]
    assert wrong() == []
