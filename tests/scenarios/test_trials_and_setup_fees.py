"""Trials and setup fees from sign-up to bill, with exact cents."""

from datetime import UTC, datetime

import pytest

from checkout.operations.renew import renew
from memberships.models import Membership
from tests.factories.catalogue import MONTH, Catalogue, discount, product
from tests.factories.world import World

MARCH_1 = datetime(2026, 3, 1, tzinfo=UTC)
MARCH_5 = datetime(2026, 3, 5, tzinfo=UTC)
MARCH_15 = datetime(2026, 3, 15, tzinfo=UTC)
MARCH_17 = datetime(2026, 3, 17, tzinfo=UTC)
APRIL_1 = datetime(2026, 4, 1, tzinfo=UTC)
APRIL_5 = datetime(2026, 4, 5, tzinfo=UTC)
APRIL_15 = datetime(2026, 4, 15, tzinfo=UTC)


@pytest.fixture
def trials(catalogue: Catalogue) -> Catalogue:
    """Premium and Business can be tried for 14 days; Enterprise (200.00) cannot."""
    for plan in (catalogue.premium, catalogue.business):
        plan.prices.update(trial_days=14)
    product("enterprise", group=catalogue.high_end, rank=5, prices={MONTH: 20000})
    return catalogue


@pytest.fixture
def tom(world: World, trials: Catalogue) -> Membership:
    """Tries Premium from 1 to 15 March."""
    return world.signs_up("tom", trials.premium, now=MARCH_1)


@pytest.fixture
def fees(catalogue: Catalogue) -> Catalogue:
    """It costs 20.00 to set Premium up, 50.00 for Business, 3.00 for more disk space."""
    for sold, fee in ((catalogue.premium, 2000), (catalogue.business, 5000), (catalogue.disk, 300)):
        sold.prices.update(setup_fee=fee)
    return catalogue


def codes(membership: Membership) -> list[str]:
    return [item.product.code for item in membership.items.live()]


def fees_paid(membership: Membership) -> dict[str, int]:
    return {item.product.code: item.setup_fee_paid for item in membership.items.live()}


def lines(order) -> list[tuple[str, str, int]]:
    return [(line.type, line.product, line.net) for line in order.quote.price.lines]


def test_a_trial_costs_nothing_until_its_end(world, tom):
    assert (tom.state, tom.period, tom.trial_end, tom.customer.trial_used) == (
        "trialing",
        None,
        MARCH_15,
        True,
    )
    assert (tom.invoices.count(), tom.payments.count()) == (0, 0)
    assert tom.orders.get().quote.price.next_bill.due == 3000


def test_a_trial_is_had_once(world, trials, tom):
    second = Membership.objects.create(customer=tom.customer, currency="EUR", created_at=MARCH_17)
    assert world.quote(second, trials.premium, now=MARCH_17).price.kind == "new"


def test_a_change_in_the_trial_is_free_and_keeps_its_end(world, trials, tom):
    order = world.orders(tom, trials.business, now=MARCH_5, addons={trials.visits: 1})
    tom = world.fresh(tom)
    assert (order.kind, order.state, order.payment) == ("trial_change", "fulfilled", None)
    assert (tom.state, tom.trial_end, codes(tom)) == ("trialing", MARCH_15, ["business", "unlimited-visits"])
    assert order.quote.price.next_bill.due == 9500


def test_the_trial_ends_with_the_first_bill(world, trials, tom):
    world.orders(tom, trials.business, now=MARCH_5)
    order = renew(membership_id=tom.pk, now=MARCH_15)
    assert (order.payment.amount, world.fresh(tom).state) == (9000, "past_due")  # there is no card yet
    world.pays(order, now=MARCH_15)
    tom = world.fresh(tom)
    assert (tom.state, tom.trial_end) == ("active", None)
    assert (tom.period_start, tom.period_end, tom.anchor) == (MARCH_15, APRIL_15, MARCH_15)


def test_a_plan_that_cannot_be_tried_starts_now_at_its_full_price(world, trials, tom):
    enterprise = trials.high_end.plans.get(code="enterprise")
    order = world.orders(tom, enterprise, now=MARCH_5)
    assert (order.kind, lines(order)) == ("upgrade", [("charge", "enterprise", 20000)])
    world.pays(order, now=MARCH_5)
    tom = world.fresh(tom)
    assert (tom.state, tom.trial_end, tom.period_start, tom.period_end) == ("active", None, MARCH_5, APRIL_5)


def test_a_code_entered_with_a_trial_takes_off_its_first_bills(world, trials):
    discount("WELCOME20", percent=20, periods=1)
    tom = world.signs_up("tom", trials.premium, now=MARCH_1, code="WELCOME20")
    assert tom.discount_uses.get().terms["periods_left"] == 1
    order = world.pays(renew(membership_id=tom.pk, now=MARCH_15), now=MARCH_15)
    assert (order.payment.amount, tom.discount_uses.get().state) == (2400, "ended")
    assert renew(membership_id=tom.pk, now=APRIL_15).payment.amount == 3000


def test_setup_fees_of_a_trial_are_asked_at_its_end(world, trials, fees):
    tom = world.signs_up("tom", trials.premium, now=MARCH_1, addons={trials.disk: 1})
    world.orders(tom, trials.business, now=MARCH_5, addons={trials.disk: 1})
    assert fees_paid(tom) == {"extra-disk": 0, "business": 0}
    order = world.pays(renew(membership_id=tom.pk, now=MARCH_15), now=MARCH_15)
    assert sorted(lines(order)) == [
        ("charge", "business", 9000),
        ("charge", "extra-disk", 400),
        ("setup_fee", "business", 5000),
        ("setup_fee", "extra-disk", 300),
    ]
    assert fees_paid(tom) == {"extra-disk": 300, "business": 5000}


def test_setup_fees_are_asked_with_the_first_bill_and_never_again(world, fees):
    carol = world.signs_up("carol", fees.premium, now=MARCH_1, addons={fees.disk: 2})
    assert carol.payments.get().amount == 3000 + 800 + 2000 + 300
    assert fees_paid(carol) == {"premium": 2000, "extra-disk": 300}
    assert renew(membership_id=carol.pk, now=APRIL_1).payment.amount == 3800


def test_an_upgrade_asks_the_setup_fee_less_what_was_paid_before(world, fees):
    carol = world.signs_up("carol", fees.premium, now=MARCH_1)
    order = world.pays(world.orders(carol, fees.business, now=MARCH_17), now=MARCH_17)
    assert lines(order) == [
        ("charge", "business", 9000),
        ("setup_fee", "business", 3000),
        ("credit", "premium", -1452),  # 30.00 x 15/31; a setup fee is not given back
    ]
    assert (order.payment.amount, fees_paid(carol)) == (10548, {"business": 5000})


def test_a_package_asks_its_setup_fee_when_it_is_new_only(world, fees):
    carol = world.signs_up("carol", fees.premium, now=MARCH_1)
    first = world.pays(world.orders(carol, fees.premium, now=MARCH_17, addons={fees.disk: 1}), now=MARCH_17)
    assert lines(first) == [("charge", "extra-disk", 194), ("setup_fee", "extra-disk", 300)]
    more = world.pays(world.orders(carol, fees.premium, now=MARCH_17, addons={fees.disk: 3}), now=MARCH_17)
    assert lines(more) == [("charge", "extra-disk", 387)]
    assert fees_paid(carol) == {"premium": 2000, "extra-disk": 300}


def test_a_code_takes_off_a_setup_fee_only_when_it_says_so(world, fees):
    discount("PLAIN", percent=50)
    discount("FEES", percent=50, covers_setup_fee=True)
    dave = world.comes("dave", now=MARCH_1)
    dues = [
        world.quote(dave, fees.premium, now=MARCH_1, code=code).price.due_now for code in ("PLAIN", "FEES")
    ]
    assert dues == [1500 + 2000, 1500 + 1000]
    carol = world.signs_up("carol", fees.premium, now=MARCH_1, code="FEES")
    assert fees_paid(carol) == {"premium": 1000}
    order = world.orders(carol, fees.business, now=MARCH_17)
    assert lines(order)[1] == ("setup_fee", "business", 2000)  # 50.00 - 10.00 paid, half of it
