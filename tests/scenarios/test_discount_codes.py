"""The life of a discount code, with exact cents: entered, reserved, in force, counted down, ended, given back."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from checkout.models import Order
from checkout.operations.confirm import QuoteStale, confirm
from checkout.operations.pay import give_up, reconcile
from checkout.operations.renew import renew
from checkout.operations.selection import SelectionRefused
from memberships.models import DiscountUse, Membership, Payment, ScheduledChange
from memberships.operations.keep_plan import keep_plan
from memberships.operations.terms import terms_of
from products.models import Discount, Product
from tests.factories.catalogue import Catalogue, discount
from tests.factories.world import World

MARCH_1 = datetime(2026, 3, 1, tzinfo=UTC)
MARCH_17 = datetime(2026, 3, 17, tzinfo=UTC)
APRIL_1 = datetime(2026, 4, 1, tzinfo=UTC)
APRIL_17 = datetime(2026, 4, 17, tzinfo=UTC)
MAY_1 = datetime(2026, 5, 1, tzinfo=UTC)
JUNE_1 = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture
def alice(world: World, catalogue: Catalogue) -> Membership:
    """Member of Premium (30.00) for the whole of March 2026."""
    return world.signs_up("alice", catalogue.premium, now=MARCH_1)


@pytest.fixture
def bob(world: World, catalogue: Catalogue) -> Membership:
    return world.signs_up("bob", catalogue.free, now=MARCH_1)


@pytest.fixture
def welcome(catalogue: Catalogue) -> Discount:
    """20 % for three periods, once per customer."""
    return discount("WELCOME20", percent=20, periods=3)


def uses(membership: Membership) -> list[tuple[str, str, int | None]]:
    """(code, state, periods left), oldest first."""
    rows = membership.discount_uses.select_related("discount").order_by("id")
    return [(use.discount.code, use.state, use.terms["periods_left"]) for use in rows]


def refusal(world: World, membership: Membership, plan, code: str, *, now: datetime = MARCH_17, **choice):
    with pytest.raises(SelectionRefused) as refused:
        world.quote(membership, plan, now=now, code=code, **choice)
    assert refused.value.field == "code"
    return refused.value.code


def test_a_code_for_three_periods_takes_off_three_bills_and_then_none(world, catalogue, welcome):
    carol = world.signs_up("carol", catalogue.premium, now=MARCH_1, code=" welcome20 ")
    assert uses(carol) == [("WELCOME20", "live", 2)]
    bills = [renew(membership_id=carol.pk, now=month) for month in (APRIL_1, MAY_1, JUNE_1)]
    assert [bill.payment.amount for bill in bills] == [2400, 2400, 3000]
    assert carol.invoices.order_by("id")[0].due == 2400
    assert uses(carol) == [("WELCOME20", "ended", 0)]
    assert carol.discount_uses.get().settled_at == MAY_1


def test_a_code_edited_meanwhile_leaves_what_a_member_was_granted(world, catalogue, welcome):
    carol = world.signs_up("carol", catalogue.premium, now=MARCH_1, code="WELCOME20")
    Discount.objects.update(percent=5, periods=1, is_active=False)
    assert renew(membership_id=carol.pk, now=APRIL_1).payment.amount == 2400
    assert uses(carol) == [("WELCOME20", "live", 1)]


def test_a_fixed_amount_once_is_spread_over_the_lines_and_the_next_bill_is_full(world, catalogue):
    discount("TEN", amount=1000, currency="EUR", periods=1)
    carol = world.signs_up("carol", catalogue.business, now=MARCH_1, addons={catalogue.visits: 1}, code="TEN")
    invoice = carol.invoices.get()
    assert [(line.gross, line.discount, line.net) for line in invoice.lines.all()] == [
        (9000, 947, 8053),
        (500, 53, 447),
    ]
    assert (invoice.due, uses(carol)) == (8500, [("TEN", "ended", 0)])
    assert renew(membership_id=carol.pk, now=APRIL_1).payment.amount == 9500


def test_a_half_price_month_is_credited_at_half_price(world, catalogue):
    discount("HALF", percent=50, periods=1)
    carol = world.signs_up("carol", catalogue.premium, now=MARCH_1, code="HALF")
    order = world.pays(world.orders(carol, catalogue.business, now=MARCH_17), now=MARCH_17)
    assert order.payment.amount == 9000 - 726  # 15.00 x 15/31


def test_a_code_entered_with_a_change_replaces_the_one_in_force(world, catalogue, welcome):
    carol = world.signs_up("carol", catalogue.premium, now=MARCH_1, code="WELCOME20")
    discount("TENTH", percent=10, periods=None)
    order = world.pays(world.orders(carol, catalogue.business, now=MARCH_17, code="TENTH"), now=MARCH_17)
    assert order.payment.amount == 8100 - 1161  # 24.00 x 15/31 = 11.61
    assert uses(carol) == [("WELCOME20", "ended", 2), ("TENTH", "live", None)]
    assert renew(membership_id=carol.pk, now=APRIL_17).payment.amount == 8100


def test_without_a_new_code_the_one_in_force_goes_on_through_a_change(world, catalogue, welcome):
    carol = world.signs_up("carol", catalogue.premium, now=MARCH_1, code="WELCOME20")
    order = world.pays(world.orders(carol, catalogue.business, now=MARCH_17), now=MARCH_17)
    assert order.payment.amount == 7200 - 1161
    assert uses(carol) == [("WELCOME20", "live", 1)]


def test_a_prorated_charge_is_reduced_and_uses_up_no_period(world, catalogue, alice):
    discount("HALF", percent=50, periods=1)
    order = world.orders(alice, catalogue.premium, now=MARCH_17, addons={catalogue.design: 1}, code="HALF")
    world.pays(order, now=MARCH_17)
    assert (order.payment.amount, uses(alice)) == (22500, [("HALF", "live", 1)])
    assert renew(membership_id=alice.pk, now=APRIL_1).payment.amount == 1500
    assert uses(alice) == [("HALF", "ended", 0)]


def test_the_code_in_force_is_not_refilled_by_entering_it_again(world, catalogue, welcome):
    welcome.most_uses_per_customer = None
    welcome.save()
    carol = world.signs_up("carol", catalogue.premium, now=MARCH_1, code="WELCOME20")
    assert refusal(world, carol, catalogue.business, "Welcome20") == "code_in_force"
    assert terms_of(world.fresh(carol)).discount.periods_left == 2


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        ({"starts_at": MARCH_17 + timedelta(seconds=1)}, "code_not_yet"),
        ({"ends_at": MARCH_17}, "code_over"),
        ({"is_active": False}, "code_over"),
        ({"most_uses": 0}, "code_used_up"),
        ({"most_uses_per_customer": 0}, "code_used_before"),
    ],
)
def test_a_code_that_may_not_be_entered_now_says_why(world, catalogue, alice, rules, reason):
    discount("SPRING", percent=10, **rules)
    assert refusal(world, alice, catalogue.business, "SPRING") == reason


@pytest.mark.parametrize("typed", ["NOPE", "%", "\x00", "ß", "A" * 500, "'; --"])
def test_a_code_that_nobody_made_is_unknown(world, catalogue, alice, welcome, typed):
    assert refusal(world, alice, catalogue.business, typed) == "code_unknown"


def test_a_code_is_valid_from_its_first_moment_to_the_last_before_its_end(world, catalogue, alice):
    discount("SPRING", percent=10, starts_at=MARCH_17, ends_at=APRIL_1)
    assert world.quote(alice, catalogue.business, now=MARCH_17, code="SPRING").price.due_now == 8100 - 1452
    last = APRIL_1 - timedelta(seconds=1)
    assert world.quote(alice, catalogue.business, now=last, code="SPRING").price.due_now == 8100


def test_an_amount_in_another_currency_cannot_be_taken_off(world, catalogue, alice):
    discount("DOLLARS", amount=500, currency="USD")
    assert refusal(world, alice, catalogue.business, "DOLLARS") == "code_wrong_currency"


def test_a_code_for_other_products_says_so(world, catalogue, alice):
    discount("DISK", percent=50, only_for=[catalogue.disk])
    assert refusal(world, alice, catalogue.business, "DISK") == "code_not_for_this"
    quote = world.quote(alice, catalogue.premium, now=MARCH_17, addons={catalogue.disk: 1}, code="DISK")
    assert [(line.product, line.discount) for line in quote.price.lines] == [("extra-disk", 97)]


def test_a_code_with_nothing_to_take_it_off_says_so(world, catalogue, alice, welcome):
    assert refusal(world, alice, catalogue.free, "WELCOME20") == "code_nothing_to_charge"
    assert refusal(world, alice, catalogue.premium, "WELCOME20") == "code_nothing_to_charge"


def test_a_customer_uses_a_code_as_often_as_it_says_whatever_membership(world, catalogue, welcome):
    carol = world.signs_up("carol", catalogue.premium, now=MARCH_1, code="WELCOME20")
    second = Membership.objects.create(customer=carol.customer, currency="EUR", created_at=MARCH_1)
    assert refusal(world, second, catalogue.premium, "WELCOME20") == "code_used_before"
    dave = world.comes("dave", now=MARCH_1)
    assert world.quote(dave, catalogue.premium, now=MARCH_1, code="WELCOME20").price.due_now == 2400


def test_a_use_is_reserved_with_the_order_and_given_back_when_nobody_pays(world, catalogue, alice, bob):
    discount("LAST", percent=10, most_uses=1)
    order = world.orders(alice, catalogue.business, now=MARCH_17, code="LAST")
    assert uses(alice) == [("LAST", "reserved", None)]
    assert refusal(world, bob, catalogue.premium, "LAST") == "code_used_up"
    give_up(order=order, state=Order.State.EXPIRED, now=MARCH_17)
    assert uses(alice) == [("LAST", "released", None)]
    assert world.quote(bob, catalogue.premium, now=MARCH_17, code="LAST").price.due_now == 2700


def test_a_use_is_given_back_when_the_money_comes_too_late(world, catalogue, bob, welcome):
    order = world.orders(bob, catalogue.premium, now=MARCH_17, code="WELCOME20")
    world.gateway.pay(world.opens_the_page(order, now=MARCH_17).gateway_ref)
    Membership.objects.filter(pk=bob.pk).update(revision=99)
    assert reconcile(order=order, now=MARCH_17).state == "credited"
    assert uses(bob) == [("WELCOME20", "released", 3)]


def test_the_last_use_taken_by_another_leaves_the_choice_at_its_full_price(world, catalogue, alice, bob):
    discount("LAST", percent=10, most_uses=1)
    quote = world.quote(alice, catalogue.business, now=MARCH_17, code="LAST")
    world.orders(bob, catalogue.premium, now=MARCH_17, code="LAST")
    with pytest.raises(QuoteStale) as stale:
        confirm(quote=quote, user=alice.customer.user, now=MARCH_17)
    assert stale.value.reason == "code_used_up"
    assert (quote.price.due_now, stale.value.fresh.price.due_now) == (8100 - 1452, 9000 - 1452)
    assert Payment.objects.filter(membership=alice).count() == 1


@pytest.mark.parametrize(
    ("edit", "reason", "fresh"),
    [
        ({"percent": Decimal(10)}, "code_changed", 8100 - 1452),
        ({"periods": 1}, "code_changed", 7200 - 1452),
        ({"is_active": False}, "code_over", 9000 - 1452),
        ({"code": "OTHER"}, "code_unknown", 9000 - 1452),
    ],
)
def test_a_code_edited_between_quote_and_confirm_charges_nobody(world, alice, edit, reason, fresh):
    welcome = discount("WELCOME20", percent=20, periods=3)
    quote = world.quote(alice, Product.objects.get(code="business"), now=MARCH_17, code="WELCOME20")
    Discount.objects.filter(pk=welcome.pk).update(**edit)
    with pytest.raises(QuoteStale) as stale:
        confirm(quote=quote, user=alice.customer.user, now=MARCH_17)
    assert (stale.value.reason, stale.value.fresh.price.due_now) == (reason, fresh)
    assert (uses(alice), Payment.objects.count()) == ([], 1)


def test_a_code_waits_with_a_downgrade_and_begins_at_the_renewal(world, catalogue, welcome):
    carol = world.signs_up("carol", catalogue.business, now=MARCH_1)
    order = world.orders(carol, catalogue.premium, now=MARCH_17, code="WELCOME20")
    assert (order.state, order.quote.price.next_bill.due) == ("fulfilled", 2400)
    assert uses(carol) == [("WELCOME20", "reserved", 3)]
    assert terms_of(world.fresh(carol)).discount is None
    assert renew(membership_id=carol.pk, now=APRIL_1).payment.amount == 2400
    assert uses(carol) == [("WELCOME20", "live", 2)]
    assert renew(membership_id=carol.pk, now=MAY_1).payment.amount == 2400


def test_keeping_the_plan_gives_the_waiting_code_back(world, catalogue, welcome):
    carol = world.signs_up("carol", catalogue.business, now=MARCH_1)
    world.orders(carol, catalogue.premium, now=MARCH_17, code="WELCOME20")
    keep_plan(membership=world.fresh(carol), actor=carol.customer.user, now=MARCH_17)
    assert uses(carol) == [("WELCOME20", "released", 3)]
    assert renew(membership_id=carol.pk, now=APRIL_1).payment.amount == 9000


def test_a_waiting_code_may_be_entered_again_with_another_change(world, catalogue, welcome):
    carol = world.signs_up("carol", catalogue.business, now=MARCH_1)
    world.orders(carol, catalogue.premium, now=MARCH_17, code="WELCOME20")
    world.orders(carol, catalogue.premium, now=MARCH_17, addons={catalogue.disk: 1}, code="WELCOME20")
    assert uses(carol) == [("WELCOME20", "released", 3), ("WELCOME20", "reserved", 3)]
    assert carol.scheduled_changes.get(state=ScheduledChange.State.PENDING).discount_use.state == "reserved"
    assert renew(membership_id=carol.pk, now=APRIL_1).payment.amount == 2720


def test_the_code_in_force_goes_on_until_the_one_that_waits_begins(world, catalogue, welcome):
    carol = world.signs_up("carol", catalogue.business, now=MARCH_1, code="WELCOME20")
    discount("HALF", percent=50, periods=1)
    world.orders(carol, catalogue.premium, now=MARCH_17, code="HALF")
    added = world.orders(carol, catalogue.business, now=MARCH_17, addons={catalogue.visits: 1})
    assert added.payment.amount == 194  # 2.42 less 20 %, by the code in force
    give_up(order=added, state=Order.State.CANCELLED, now=MARCH_17)
    assert renew(membership_id=carol.pk, now=APRIL_1).payment.amount == 1500
    assert uses(carol) == [("WELCOME20", "ended", 2), ("HALF", "ended", 0)]


def test_a_mixed_change_begins_its_code_at_once(world, catalogue, welcome):
    carol = world.signs_up("carol", catalogue.premium, now=MARCH_1, addons={catalogue.visits: 1})
    order = world.orders(carol, catalogue.premium, now=MARCH_17, addons={catalogue.disk: 1}, code="WELCOME20")
    assert order.kind == "mixed"
    world.pays(order, now=MARCH_17)
    assert order.payment.amount == 155  # 4.00 x 15/31 = 1.94, less 20 %
    assert uses(carol) == [("WELCOME20", "live", 3)]
    assert renew(membership_id=carol.pk, now=APRIL_1).payment.amount == 2720
    assert DiscountUse.objects.get().terms["periods_left"] == 2
