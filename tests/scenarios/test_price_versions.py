"""A member keeps the version of a price that was bought, until moved; amounts in every kind of currency."""

from datetime import UTC, datetime

import pytest

from checkout.operations.confirm import QuoteStale, confirm
from checkout.operations.renew import renew
from products.models import PlanGroup, Product
from products.operations.prices import revise_price
from tests.factories.catalogue import MONTH, ONCE, YEAR, Catalogue, product
from tests.factories.world import MONTHLY, YEARLY, World

JANUARY_1 = datetime(2026, 1, 1, tzinfo=UTC)
FEBRUARY_1 = datetime(2026, 2, 1, tzinfo=UTC)
MARCH_1 = datetime(2026, 3, 1, tzinfo=UTC)
MARCH_10 = datetime(2026, 3, 10, tzinfo=UTC)
MARCH_17 = datetime(2026, 3, 17, tzinfo=UTC)
APRIL_1 = datetime(2026, 4, 1, tzinfo=UTC)
APRIL_17 = datetime(2026, 4, 17, tzinfo=UTC)


def dearer(sold: Product, amount: int, *, unit: str = MONTH, now: datetime = MARCH_10) -> None:
    """`sold` costs `amount` from `now` on."""
    price = sold.prices.current().get(interval_unit=unit)
    revise_price(price=price, amount=amount, setup_fee=0, trial_days=0, now=now)


@pytest.fixture
def alice(world: World, catalogue: Catalogue):
    return world.signs_up("alice", catalogue.premium, now=MARCH_1, addons={catalogue.disk: 1})


def test_a_renewal_bills_the_version_that_was_bought(world, catalogue, alice):
    dearer(catalogue.premium, 3900)
    assert renew(membership_id=alice.pk, now=APRIL_1).payment.amount == 3400


def test_beside_a_change_the_plan_and_more_of_a_package_keep_their_version(world, catalogue, alice):
    dearer(catalogue.premium, 3900)
    dearer(catalogue.disk, 900)
    price = world.quote(
        alice, catalogue.premium, now=MARCH_17, addons={catalogue.disk: 2, catalogue.visits: 1}
    ).price
    assert [(line.product, line.net) for line in price.lines] == [
        ("extra-disk", 194),  # 4.00 x 15/31
        ("unlimited-visits", 242),
    ]
    assert price.next_bill.due == 3000 + 800 + 500


def test_another_billing_period_has_todays_version_and_so_has_the_way_back(world, catalogue):
    dave = world.signs_up("dave", catalogue.premium, now=JANUARY_1)
    dearer(catalogue.premium, 3900, now=JANUARY_1)
    dearer(catalogue.premium, 36000, unit=YEAR, now=JANUARY_1)
    order = world.orders(dave, catalogue.premium, now=JANUARY_1, interval=YEARLY)
    assert order.payment.amount == 36000 - 3000
    world.pays(order, now=JANUARY_1)
    back = world.quote(dave, catalogue.premium, now=FEBRUARY_1, interval=MONTHLY)
    assert (back.price.kind, back.price.next_bill.due) == ("downgrade", 3900)


def test_who_leaves_a_plan_and_comes_back_pays_todays_price(world, catalogue, alice):
    dearer(catalogue.premium, 3900)
    world.pays(world.orders(alice, catalogue.business, now=MARCH_17), now=MARCH_17)
    assert world.quote(alice, catalogue.premium, now=MARCH_17).price.next_bill.due == 3900


def test_what_is_bought_once_is_bought_again_at_todays_price(world, catalogue):
    dave = world.signs_up("dave", catalogue.premium, now=MARCH_1, addons={catalogue.design: 1})
    dearer(catalogue.design, 50000, unit=ONCE)
    order = world.orders(dave, catalogue.premium, now=MARCH_17, addons={catalogue.design: 2})
    assert [(line.quantity, line.net) for line in order.quote.price.lines] == [(1, 50000)]
    world.pays(order, now=MARCH_17)
    assert dave.items.live().get(product=catalogue.design).quantity == 2


def test_a_price_revised_between_quote_and_confirm_charges_nobody(world, catalogue, alice):
    quote = world.quote(alice, catalogue.business, now=MARCH_17)
    dearer(catalogue.business, 9900, now=MARCH_17)
    with pytest.raises(QuoteStale) as stale:
        confirm(quote=quote, user=alice.customer.user, now=MARCH_17)
    assert stale.value.reason == "price_changed"
    assert stale.value.fresh.price.due_now - quote.price.due_now == 900
    assert alice.payments.count() == 1


def test_a_new_price_of_what_one_keeps_leaves_a_quote_as_it_is(world, catalogue, alice):
    quote = world.quote(alice, catalogue.premium, now=MARCH_17, addons={catalogue.disk: 2})
    dearer(catalogue.premium, 3900, now=MARCH_17)
    assert confirm(quote=quote, user=alice.customer.user, now=MARCH_17).payment.amount == 194


@pytest.mark.parametrize(
    ("currency", "amounts"),
    [
        ("JPY", (3000, 9000, 7548)),  # no decimals: 3000 x 15/31 = 1451.6
        ("KWD", (30000, 90000, 75484)),  # three decimals: 30.000 x 15/31 = 14.516
    ],
)
def test_yen_and_dinars_are_signed_up_changed_and_renewed(world, settings, currency, amounts):
    low, high, due = amounts
    settings.CURRENCY = currency
    group = PlanGroup.objects.create(name="Family")
    first = product("first", group=group, rank=2, prices={MONTH: low}, currency=currency)
    second = product("second", group=group, rank=3, prices={MONTH: high}, currency=currency)
    kei = world.comes("kei", now=MARCH_1)
    world.transfers(world.orders(kei, first, now=MARCH_1), now=MARCH_1)
    change = world.transfers(world.orders(kei, second, now=MARCH_17), now=MARCH_17)
    bill = world.transfers(renew(membership_id=kei.pk, now=APRIL_17), now=APRIL_17)
    kei = world.fresh(kei)
    assert change.quote.price.next_bill.due == bill.payment.amount == high
    assert [(each.due, each.currency, each.payment.captured) for each in kei.invoices.order_by("id")] == [
        (low, currency, low),
        (due, currency, due),
        (high, currency, high),
    ]
    assert (kei.state, kei.period_start) == ("active", APRIL_17)
