"""What is credited is what was really paid: after discounts, refunds and earlier credits, by the invoice lines."""

from datetime import UTC, datetime

import pytest

from memberships.models import Membership
from memberships.operations.invoicing import issue_credit_note
from memberships.operations.terms import held, terms_of
from products.models import PlanGroup, TaxRate
from products.pricing import Paid
from tests.factories.catalogue import MONTH, Catalogue, discount, product
from tests.factories.world import World

MARCH_1 = datetime(2026, 3, 1, tzinfo=UTC)
MARCH_11 = datetime(2026, 3, 11, tzinfo=UTC)
MARCH_17 = datetime(2026, 3, 17, tzinfo=UTC)
MARCH_25 = datetime(2026, 3, 25, tzinfo=UTC)


@pytest.fixture
def alice(world: World, catalogue: Catalogue) -> Membership:
    """Member of Premium (30.00) for the whole of March 2026."""
    return world.signs_up("alice", catalogue.premium, now=MARCH_1)


@pytest.fixture
def higher(catalogue: Catalogue) -> list:
    """Two plans above Business, sold with the package for visits."""
    plans = [
        product("pro", group=catalogue.high_end, rank=4, prices={MONTH: 12000}),
        product("enterprise", group=catalogue.high_end, rank=5, prices={MONTH: 20000}),
    ]
    for plan in plans:
        plan.addons.add(catalogue.visits)
    return plans


def paid(membership: Membership) -> dict[str, tuple[Paid, ...]]:
    """What was paid for each product in the running period, as the kernel is told."""
    return {item.product: item.paid for item in held(terms_of(membership)).items}


def lines(price) -> list[tuple[str, str, int]]:
    return [(line.type, line.product, line.net) for line in price.lines]


def take_back(membership: Membership, amount: int, *, now: datetime = MARCH_11) -> None:
    last = membership.invoices.filter(corrects=None).latest("id")
    issue_credit_note(
        invoice=last, refund_total=amount, reference=f"refund-{amount}", kind="refund", refunded=amount,
        wallet_added=0, now=now,
    )  # fmt: skip


def test_a_period_refunded_in_part_is_credited_for_the_rest(world, catalogue, alice):
    take_back(alice, 1000)
    assert paid(alice) == {"premium": (Paid(net=2000, tax=0, start=MARCH_1),)}
    price = world.quote(alice, catalogue.business, now=MARCH_17).price
    assert lines(price) == [("charge", "business", 9000), ("credit", "premium", -968)]  # 20.00 x 15/31


def test_a_period_refunded_whole_is_credited_nothing(world, catalogue, alice):
    take_back(alice, 1000)
    take_back(alice, 2000)
    assert paid(alice) == {"premium": ()}
    assert lines(world.quote(alice, catalogue.business, now=MARCH_17).price) == [("charge", "business", 9000)]


def test_a_refund_is_shared_by_the_lines_it_is_of(world, catalogue):
    carol = world.signs_up("carol", catalogue.premium, now=MARCH_1, addons={catalogue.visits: 1})
    take_back(carol, 700)
    price = world.quote(carol, catalogue.business, now=MARCH_17).price
    assert lines(price)[1:] == [("credit", "premium", -1161), ("credit", "unlimited-visits", -194)]


def test_tax_is_given_back_as_it_was_paid(world, catalogue):
    catalogue.premium.tax_rate = TaxRate.objects.create(name="High", percent=21)
    catalogue.premium.save()
    discount("HALF", percent=50, periods=1)
    carol = world.signs_up("carol", catalogue.premium, now=MARCH_1, code="HALF")
    assert paid(carol) == {"premium": (Paid(net=1500, tax=315, start=MARCH_1),)}
    take_back(carol, 605)  # a third of 18.15
    assert paid(carol) == {"premium": (Paid(net=1000, tax=210, start=MARCH_1),)}
    price = world.quote(carol, catalogue.business, now=MARCH_17).price
    assert [(line.net, line.tax) for line in price.lines] == [(9000, 0), (-484, -102)]


def test_what_was_paid_at_the_same_moment_is_one_part(world, catalogue):
    carol = world.signs_up("carol", catalogue.premium, now=MARCH_1, addons={catalogue.disk: 1})
    world.pays(world.orders(carol, catalogue.premium, now=MARCH_1, addons={catalogue.disk: 3}), now=MARCH_1)
    assert paid(carol)["extra-disk"] == (Paid(net=1200, tax=0, start=MARCH_1),)


def test_what_was_added_later_is_credited_by_its_own_share(world, catalogue):
    carol = world.signs_up("carol", catalogue.premium, now=MARCH_1, addons={catalogue.disk: 1})
    more = world.orders(carol, catalogue.premium, now=MARCH_17, addons={catalogue.disk: 2})
    world.pays(more, now=MARCH_17)
    assert paid(carol)["extra-disk"] == (
        Paid(net=400, tax=0, start=MARCH_1),
        Paid(net=194, tax=0, start=MARCH_17),
    )
    price = world.quote(carol, catalogue.business, now=MARCH_25).price
    assert lines(price)[2] == ("credit", "extra-disk", -181)  # 4.00 x 7/31 + 1.94 x 7/15 = 1.8086


def test_three_switches_in_one_period_that_keep_the_renewal_date(world, catalogue, higher):
    catalogue.high_end.on_upgrade = PlanGroup.OnUpgrade.KEEP_RENEWAL_DATE
    catalogue.high_end.save()
    extra = {catalogue.visits: 1}
    carol = world.signs_up("carol", catalogue.premium, now=MARCH_1, addons=extra)
    days = (MARCH_11, MARCH_17, MARCH_25)
    orders = [
        world.pays(world.orders(carol, plan, now=day, addons=extra), now=day)
        for plan, day in zip([catalogue.business, *higher], days, strict=True)
    ]
    assert [lines(order.quote.price) for order in orders] == [
        [
            ("charge", "business", 6097),  # 90.00 x 21/31
            ("charge", "unlimited-visits", 339),
            ("credit", "premium", -2032),
            ("credit", "unlimited-visits", -339),
        ],
        [
            ("charge", "pro", 5806),  # 120.00 x 15/31
            ("charge", "unlimited-visits", 242),
            ("credit", "business", -4355),  # 60.97 x 15/21
            ("credit", "unlimited-visits", -242),
        ],
        [
            ("charge", "enterprise", 4516),  # 200.00 x 7/31
            ("charge", "unlimited-visits", 113),
            ("credit", "pro", -2709),  # 58.06 x 7/15
            ("credit", "unlimited-visits", -113),
        ],
    ]
    assert [order.payment.amount for order in orders] == [4065, 1451, 1807]
    assert world.fresh(carol).period_start == MARCH_1


def test_three_switches_that_each_start_a_new_period(world, catalogue, higher):
    carol = world.signs_up("carol", catalogue.premium, now=MARCH_1)
    days = (MARCH_11, MARCH_17, MARCH_25)
    orders = [
        world.pays(world.orders(carol, plan, now=day), now=day)
        for plan, day in zip([catalogue.business, *higher], days, strict=True)
    ]
    assert [order.payment.amount for order in orders] == [
        9000 - 2032,  # 30.00 x 21/31
        12000 - 7258,  # 90.00 x 25/31
        20000 - 8903,  # 120.00 x 23/31
    ]


def test_a_change_taken_back_in_the_books_leaves_what_was_paid_before_it(world, catalogue, alice):
    world.pays(world.orders(alice, catalogue.business, now=MARCH_17), now=MARCH_17)
    take_back(alice, 7548, now=MARCH_17)
    old = alice.items.get(product=catalogue.premium)
    alice.items.live().update(ended_at=MARCH_17)
    alice.items.filter(pk=old.pk).update(ended_at=None)
    april = datetime(2026, 4, 1, tzinfo=UTC)
    Membership.objects.filter(pk=alice.pk).update(anchor=MARCH_1, period_start=MARCH_1, period_end=april)
    assert paid(world.fresh(alice)) == {"premium": (Paid(net=3000, tax=0, start=MARCH_1),)}
