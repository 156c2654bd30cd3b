"""Two at the same moment want the last use of a code, or a price that is being edited, or a period that is ending."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from checkout.models import Order
from checkout.operations.confirm import AnotherOrderIsOpen, QuoteStale, confirm
from checkout.operations.pay import give_up
from checkout.operations.renew import renew
from memberships.models import DiscountUse, Membership, Payment
from products.operations.prices import revise_price
from tests.factories.at_once import at_once
from tests.factories.catalogue import Catalogue, discount
from tests.factories.world import World

pytestmark = pytest.mark.django_db(transaction=True)
MARCH_1 = datetime(2026, 3, 1, tzinfo=UTC)
MARCH_17 = datetime(2026, 3, 17, tzinfo=UTC)
APRIL_1 = datetime(2026, 4, 1, tzinfo=UTC)
LAST_MOMENT = APRIL_1 - timedelta(seconds=1)
MAY_1 = datetime(2026, 5, 1, tzinfo=UTC)
ROUNDS = 5


@pytest.fixture
def alice(world: World, catalogue: Catalogue) -> Membership:
    return world.signs_up("alice", catalogue.premium, now=MARCH_1)


def reasons(results) -> list[str]:
    return sorted(result.reason for result in results if isinstance(result, QuoteStale))


def orders(results) -> list[Order]:
    return [result for result in results if isinstance(result, Order)]


def _each(ways: Sequence[Callable[[], Any]]) -> Callable[[int], Any]:
    """Work for `at_once`: each thread goes its own way."""
    return lambda number: ways[number]()


def test_the_last_use_of_a_code_is_taken_once(world, catalogue):
    discount("LAST", percent=10, most_uses=1)
    members = [world.signs_up(f"member-{n}", catalogue.free, now=MARCH_1) for n in range(4)]
    quotes = [world.quote(member, catalogue.premium, now=MARCH_17, code="LAST") for member in members]

    results = at_once(4, lambda n: confirm(quote=quotes[n], user=members[n].customer.user, now=MARCH_17))

    (won,) = orders(results)
    assert won.payment.amount == 2700
    assert reasons(results) == ["code_used_up"] * 3
    assert {result.fresh.price.due_now for result in results if isinstance(result, QuoteStale)} == {3000}
    assert DiscountUse.objects.count() == Payment.objects.count() == 1


def test_a_customer_with_two_memberships_takes_their_one_use_once(world, catalogue):
    discount("ONCE", percent=10)
    first = world.signs_up("carol", catalogue.free, now=MARCH_1)
    second = Membership.objects.create(customer=first.customer, currency="EUR", created_at=MARCH_1)
    quotes = [world.quote(member, catalogue.premium, now=MARCH_17, code="ONCE") for member in (first, second)]
    results = at_once(2, lambda n: confirm(quote=quotes[n], user=first.customer.user, now=MARCH_17))
    assert len(orders(results)) == 1
    assert reasons(results) == ["code_used_before"]


def test_a_use_given_back_while_another_asks_for_it_is_counted_once(world, catalogue):
    discount("LAST", percent=10, most_uses=1)
    members = [world.signs_up(f"member-{n}", catalogue.free, now=MARCH_1) for n in range(2)]
    other = world.quote(members[1], catalogue.premium, now=MARCH_17, code="LAST")
    held = world.orders(members[0], catalogue.premium, now=MARCH_17, code="LAST")

    ways = (
        partial(give_up, order=held, state=Order.State.CANCELLED, now=MARCH_17),
        partial(confirm, quote=other, user=members[1].customer.user, now=MARCH_17),
    )
    results = at_once(2, _each(ways))

    assert results[0].state == "cancelled"
    assert reasons(results) in ([], ["code_used_up"])
    assert DiscountUse.objects.counted().count() == len(orders(results)) - 1


def test_a_price_edited_while_it_is_confirmed_is_charged_as_shown_or_not_at_all(world, catalogue, alice):
    price = catalogue.business.prices.get(interval_unit="month")
    for n in range(ROUNDS):
        quote = world.quote(alice, catalogue.business, now=MARCH_17)
        amount = 9000 + 100 * (n + 1)
        ways = (
            partial(confirm, quote=quote, user=alice.customer.user, now=MARCH_17),
            partial(revise_price, price=price, amount=amount, setup_fee=0, trial_days=0, now=MARCH_17),
        )
        confirmed, price = at_once(2, _each(ways))
        if isinstance(confirmed, Order):
            assert confirmed.payment.amount == quote.price.due_now
            give_up(order=confirmed, state=Order.State.CANCELLED, now=MARCH_17)
        else:
            assert confirmed.reason == "price_changed"
            assert confirmed.fresh.price.due_now == amount - 1452
        assert not Order.objects.open().exists()


def test_a_change_confirmed_while_the_period_is_renewed_ends_in_one_of_the_two(world, catalogue):
    for n in range(ROUNDS):
        member = world.signs_up(f"member-{n}", catalogue.premium, now=MARCH_1)
        quote = world.quote(member, catalogue.business, now=LAST_MOMENT)
        ways = (
            partial(confirm, quote=quote, user=member.customer.user, now=LAST_MOMENT),
            partial(renew, membership_id=member.pk, now=APRIL_1),
        )
        confirmed, _renewed = at_once(2, _each(ways))
        renew(membership_id=member.pk, now=APRIL_1)

        member = world.fresh(member)
        assert (member.state, member.period_start, member.period_end) == ("active", APRIL_1, MAY_1)
        assert [invoice.due for invoice in member.invoices.order_by("id")] == [3000, 3000]
        assert member.payments.filter(state="paid").count() == 2
        if isinstance(confirmed, Order):
            confirmed.refresh_from_db()
            assert confirmed.state == "expired"
        else:
            assert isinstance(confirmed, AnotherOrderIsOpen | QuoteStale)
        assert not Order.objects.open().exists()
    assert world.gateway.state()["charges"]["succeeded"] == 2 * ROUNDS
