"""Twenty at the same moment, on real PostgreSQL: one order, one charge, one effect."""

from datetime import UTC, datetime

import pytest
from django.utils import timezone

from checkout.models import Order
from checkout.operations.confirm import AnotherOrderIsOpen, confirm
from checkout.operations.fulfil import fulfil
from checkout.operations.pay import pay, reconcile
from checkout.operations.renew import renew
from memberships.models import Attempt, InboundEvent, Invoice, Payment
from memberships.operations.collection import advance, reconcile_payment
from memberships.webhooks import inbox
from tests.factories.at_once import at_once
from tests.factories.catalogue import Catalogue
from tests.factories.world import World

pytestmark = pytest.mark.django_db(transaction=True)
TWENTY = 20


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def bob(world: World, catalogue: Catalogue, now: datetime):
    return world.signs_up("bob", catalogue.free, now=now)


def test_twenty_confirms_of_one_quote_are_one_order(world, catalogue, bob, now):
    quote = world.quote(bob, catalogue.premium, now=now)
    orders = at_once(TWENTY, lambda _: confirm(quote=quote, user=bob.customer.user, now=now))
    assert {order.pk for order in orders} == {Order.objects.get(kind="upgrade").pk}
    assert Payment.objects.count() == 1


def test_of_two_quotes_confirmed_at_once_one_wins_and_the_other_is_told(world, catalogue, bob, now):
    quotes = [world.quote(bob, plan, now=now) for plan in (catalogue.premium, catalogue.business)]
    results = at_once(2, lambda n: confirm(quote=quotes[n], user=bob.customer.user, now=now))
    won = [result for result in results if isinstance(result, Order)]
    told = [result for result in results if isinstance(result, AnotherOrderIsOpen)]
    assert (len(won), len(told)) == (1, 1)
    assert told[0].order == won[0]


def test_twenty_tries_to_pay_open_one_page(world, catalogue, bob, now):
    order = world.orders(bob, catalogue.premium, now=now)
    attempts = at_once(
        5, lambda _: pay(order=order, card=None, return_url="http://localhost/", now=timezone.now())
    )
    assert {attempt.gateway_ref for attempt in attempts} == {Attempt.objects.get().gateway_ref}


def test_an_event_webhook_page_and_sweep_at_once_apply_the_change_once(world, catalogue, bob, now):
    order = world.orders(bob, catalogue.premium, now=now)
    attempt = world.opens_the_page(order, now=now)
    world.gateway.pay(attempt.gateway_ref)
    event = InboundEvent.objects.create(
        source="stripe", external_id="evt_once", kind="checkout.session.completed", object_id=attempt.gateway_ref,
        payload={}, received_at=now,
    )  # fmt: skip
    ways = [
        lambda: inbox.handle(event_id=event.pk, now=now),
        lambda: reconcile(order=order, now=now),
        lambda: fulfil(order=order, now=now),
        lambda: advance(attempt=Attempt.objects.get(pk=attempt.pk), now=now),
    ]
    results = at_once(12, lambda n: ways[n % len(ways)]())
    reconcile(order=order, now=now)

    assert [result for result in results if isinstance(result, Exception)] == []
    order.refresh_from_db()
    assert order.state == Order.State.FULFILLED
    assert [invoice.due for invoice in Invoice.objects.filter(membership=bob)] == [3000]
    assert bob.transitions.filter(kind="upgrade").count() == 1
    assert [item.product.code for item in bob.items.live()] == ["premium"]
    assert world.gateway.state()["charges"]["succeeded"] == 1


def test_two_schedulers_renew_a_period_once(world, catalogue):
    march, april = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
    carol = world.signs_up("carol", catalogue.premium, now=march)
    at_once(5, lambda _: renew(membership_id=carol.pk, now=april))
    for payment in Payment.objects.filter(state="open"):  # what each left to the others, the sweeps finish
        reconcile_payment(payment=payment, now=april)
    renew(membership_id=carol.pk, now=april)

    carol = world.fresh(carol)
    assert (carol.period_start, carol.period_end) == (april, datetime(2026, 5, 1, tzinfo=UTC))
    assert [invoice.due for invoice in carol.invoices.order_by("id")] == [3000, 3000]
    assert world.gateway.state()["charges"]["succeeded"] == 2
