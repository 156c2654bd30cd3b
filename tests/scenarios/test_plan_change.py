"""Business stories of a plan change, with the exact cents of docs/pricing.md."""

from datetime import UTC, datetime

import pytest

from checkout.models import Order
from checkout.operations.renew import renew
from memberships.models import Membership, ScheduledChange
from products.models import Product, TaxRate
from tests.factories.catalogue import MONTH, Catalogue, discount, product
from tests.factories.world import World

MARCH_1 = datetime(2026, 3, 1, tzinfo=UTC)
MARCH_17 = datetime(2026, 3, 17, tzinfo=UTC)
APRIL_1 = datetime(2026, 4, 1, tzinfo=UTC)
APRIL_17 = datetime(2026, 4, 17, tzinfo=UTC)


@pytest.fixture
def alice(world: World, catalogue: Catalogue) -> Membership:
    """Member of Premium (30.00) for the whole of March 2026."""
    return world.signs_up("alice", catalogue.premium, now=MARCH_1)


def test_an_upgrade_restarts_the_period_and_credits_the_unused_time(world, catalogue, alice):
    order = world.orders(alice, catalogue.business, now=MARCH_17)
    assert order.payment is not None
    assert order.payment.amount == 7548

    order = world.pays(order, now=MARCH_17)

    assert order.state == Order.State.FULFILLED
    alice = world.fresh(alice)
    assert [item.product.code for item in alice.items.live()] == ["business"]
    assert (alice.period_start, alice.period_end, alice.anchor) == (MARCH_17, APRIL_17, MARCH_17)
    invoice = alice.invoices.get(reference=f"order-{order.uid}")
    assert [(line.type, line.product.code, line.net) for line in invoice.lines.all()] == [
        ("charge", "business", 9000),
        ("credit", "premium", -1452),
    ]
    assert (invoice.due, invoice.payment, invoice.number) == (7548, order.payment, "2026-00002")
    assert world.gateway.state()["charges"]["succeeded"] == 2


def test_a_downgrade_costs_nothing_and_waits_for_the_end_of_the_period(world, catalogue, alice):
    alice_pro = world.pays(world.orders(alice, catalogue.business, now=MARCH_1), now=MARCH_1).membership
    order = world.orders(alice_pro, catalogue.premium, now=MARCH_17)

    assert (order.payment, order.state) == (None, Order.State.FULFILLED)
    alice = world.fresh(alice)
    assert [item.product.code for item in alice.items.live()] == ["business"]
    change = alice.scheduled_changes.get(state=ScheduledChange.State.PENDING)
    assert (change.effective_at, [item.product.code for item in change.items.all()]) == (APRIL_1, ["premium"])


def test_a_package_is_prorated_to_the_renewal_date(world, catalogue, alice):
    order = world.pays(
        world.orders(alice, catalogue.premium, now=MARCH_17, addons={catalogue.visits: 1}), now=MARCH_17
    )
    assert order.payment is not None
    assert order.payment.amount == 242
    alice = world.fresh(alice)
    assert {item.product.code for item in alice.items.live()} == {"premium", "unlimited-visits"}
    assert alice.period_end == APRIL_1
    assert order.quote.price.next_bill.due == 3500


def test_the_same_plan_again_is_no_change(world, catalogue, alice):
    quote = world.quote(alice, catalogue.premium, now=MARCH_17)
    assert (quote.price.kind, quote.price.message, quote.price.lines) == ("no_change", "no_change", ())


def test_an_upgrade_from_free_charges_the_full_price_and_starts_a_period(world, catalogue):
    bob = world.signs_up("bob", catalogue.free, now=MARCH_1)
    assert bob.period is None
    order = world.pays(world.orders(bob, catalogue.premium, now=MARCH_17), now=MARCH_17)
    bob = world.fresh(bob)
    assert order.payment.amount == 3000
    assert (bob.period_start, bob.period_end) == (MARCH_17, APRIL_17)


def test_what_is_left_of_a_credit_goes_to_the_wallet_and_pays_the_next_bill(world, catalogue):
    january = datetime(2026, 1, 1, tzinfo=UTC)
    february = datetime(2026, 2, 1, tzinfo=UTC)
    from tests.factories.world import MONTHLY, YEARLY

    product("starter", group=catalogue.high_end, rank=2, prices={MONTH: 3000, "year": 30000})
    carol = world.signs_up("carol", catalogue.premium, now=january, interval=YEARLY)
    order = world.orders(carol, catalogue.business, now=february, interval=MONTHLY)
    assert (order.payment, order.state) == (None, Order.State.FULFILLED)
    carol = world.fresh(carol)
    assert carol.wallet_entries.balance() == 18452
    assert carol.period_end == datetime(2026, 3, 1, tzinfo=UTC)


def test_fewer_of_a_package_is_had_until_the_period_ends(world, catalogue):
    carol = world.signs_up("carol", catalogue.premium, now=MARCH_1, addons={catalogue.disk: 3})
    order = world.orders(carol, catalogue.premium, now=MARCH_17, addons={catalogue.disk: 1})
    assert (order.kind, order.payment, order.quote.price.next_bill.due) == ("removal", None, 3400)
    assert carol.items.live().get(product=catalogue.disk).quantity == 3
    assert renew(membership_id=carol.pk, now=APRIL_1).payment.amount == 3400
    assert carol.items.live().get(product=catalogue.disk).quantity == 1


def test_what_is_too_small_to_charge_is_paid_with_the_next_bill(world, catalogue, alice):
    badge = product("badge", type="package", prices={MONTH: 60})
    catalogue.premium.addons.add(badge)
    order = world.orders(alice, catalogue.premium, now=MARCH_17, addons={badge: 1})
    assert (order.state, order.payment, order.quote.price.next_bill.due) == ("fulfilled", None, 3089)
    assert [(entry.amount, entry.reason) for entry in alice.wallet_entries.all()] == [(-29, "carried")]
    assert renew(membership_id=alice.pk, now=APRIL_1).payment.amount == 3089
    assert alice.wallet_entries.balance() == 0


def test_prices_with_tax_in_them_are_charged_and_credited_as_shown(world, catalogue, settings):
    settings.PRICES_INCLUDE_TAX = True
    Product.objects.update(tax_rate=TaxRate.objects.create(name="High", percent=21))
    discount("WELCOME20", percent=20, periods=3)
    carol = world.signs_up("carol", catalogue.premium, now=MARCH_1, code="WELCOME20")
    order = world.pays(world.orders(carol, catalogue.business, now=MARCH_17), now=MARCH_17)
    first, second = carol.invoices.order_by("id")
    assert [(line.gross, line.discount, line.net, line.tax) for line in first.lines.all()] == [
        (3000, 600, 1983, 417)
    ]
    assert [(line.gross, line.discount, line.net, line.tax) for line in second.lines.all()] == [
        (9000, 1800, 5950, 1250),
        (-1162, 0, -960, -202),  # 19.83 x 15/31 and 4.17 x 15/31
    ]
    assert order.payment.amount == 7200 - 1162
