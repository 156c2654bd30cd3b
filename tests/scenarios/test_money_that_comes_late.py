"""A change paid by transfer, or by a link that lay in a mailbox: it takes effect when the money is there."""

from datetime import UTC, datetime, timedelta

import pytest

from checkout.models import Order
from checkout.operations.books import what_is_wrong
from checkout.operations.on_behalf import mail_the_link
from checkout.operations.transfer import await_transfer
from checkout.operations.undo import undo
from memberships.models import Membership
from products.pricing import Period

MARCH_1 = datetime(2026, 3, 1, tzinfo=UTC)
MARCH_10 = datetime(2026, 3, 10, 8, tzinfo=UTC)
MARCH_20 = datetime(2026, 3, 20, 15, 30, tzinfo=UTC)
APRIL_20 = datetime(2026, 4, 20, 15, 30, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture
def fay(world, catalogue) -> Membership:
    """A member of Free."""
    return world.signs_up("fay", catalogue.free, now=MARCH_1)


@pytest.fixture
def order(world, catalogue, fay) -> Order:
    """Premium, ordered on 10 March, to be paid by transfer."""
    return await_transfer(order=world.orders(fay, catalogue.premium, now=MARCH_10), now=MARCH_10)


def test_what_was_paid_for_begins_when_the_transfer_is_there(world, fay, order):
    order = world.transfers(order, now=MARCH_20)
    fay = world.fresh(fay)
    assert (order.state, fay.period, fay.anchor) == (
        "fulfilled",
        Period(start=MARCH_20, end=APRIL_20),
        MARCH_20,
    )
    (line,) = fay.invoices.get().lines.all()
    assert (line.gross, line.covers_start, line.covers_end) == (3000, MARCH_20, APRIL_20)
    assert list(what_is_wrong(now=MARCH_20)) == []
    world.a_day(APRIL_20)
    assert list(what_is_wrong(now=APRIL_20)) == []


def test_a_purchase_by_a_new_customer_begins_with_the_money_too(world, catalogue):
    nina = world.comes("nina", now=MARCH_1)
    order = await_transfer(order=world.orders(nina, catalogue.premium, now=MARCH_10), now=MARCH_10)
    world.transfers(order, now=MARCH_20)
    assert world.fresh(nina).period == Period(start=MARCH_20, end=APRIL_20)
    assert list(what_is_wrong(now=MARCH_20)) == []


def test_so_does_a_change_that_staff_ordered_and_a_link_paid(world, catalogue, fay):
    order = mail_the_link(order=world.orders(fay, catalogue.premium, now=MARCH_10), now=MARCH_10)
    world.pays(order, now=MARCH_20)
    assert world.fresh(fay).period == Period(start=MARCH_20, end=APRIL_20)


def test_within_the_usual_hour_it_counts_from_the_quote(world, catalogue, fay):
    order = world.orders(fay, catalogue.premium, now=MARCH_10)
    world.pays(order, now=MARCH_10 + timedelta(minutes=50))
    assert world.fresh(fay).period == Period(start=MARCH_10, end=MARCH_10.replace(month=4))


def test_where_time_of_the_old_plan_was_credited_the_quote_holds_as_it_was_shown(world, catalogue):
    """Beginning later, the credit would be smaller: the customer would owe more than they were shown."""
    max_ = world.signs_up("max", catalogue.premium, now=MARCH_1)
    order = await_transfer(order=world.orders(max_, catalogue.business, now=MARCH_10), now=MARCH_10)
    shown = order.quote.price.due_now
    world.transfers(order, now=MARCH_20)
    bill = max_.invoices.get(kind="upgrade")
    assert (bill.due, world.fresh(max_).period) == (
        shown,
        Period(start=MARCH_10, end=MARCH_10.replace(month=4)),
    )
    assert list(what_is_wrong(now=MARCH_20)) == []


def test_it_can_be_undone_like_any_other(world, fay, order):
    order = world.transfers(order, now=MARCH_20)
    done = undo(order=order, actor=None, now=MARCH_20 + timedelta(hours=1))
    fay = world.fresh(fay)
    assert (done.state, fay.period, fay.items.live().get(product__type="plan").product.code) == (
        "undone",
        None,
        "free",
    )
    assert fay.wallet_entries.balance() == 3000
    assert list(what_is_wrong(now=MARCH_20 + timedelta(hours=1))) == []
