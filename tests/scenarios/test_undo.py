"""An upgrade undone: what was before is again, and the money is back where it came from."""

from datetime import UTC, datetime, timedelta

import pytest
from django_tenants.utils import tenant_context

from checkout.models import Order
from checkout.operations.renew import renew
from checkout.operations.undo import Exceeding, UndoRefused, foresee, newest_upgrade, offer, undo
from memberships.billing.choose import gateway
from memberships.billing.gateway import RefundRequest
from memberships.models import Invoice, Membership, Notice, Refund, ScheduledChange
from memberships.operations.keep_plan import keep_plan
from memberships.operations.lifecycle import cancel_at_period_end
from memberships.operations.refunds import reconcile_refund, refund
from memberships.operations.terms import held, terms_of
from memberships.operations.wallet import adjust
from products.limits import Kind
from products.models import Discount, Price
from products.pricing import Interval, Unit
from sites.content.models import BlogIndexPage, HomePage, PostPage, StandardPage
from sites.models import Site
from sites.operations import apply_entitlements
from tests.factories.catalogue import MONTH, product
from tests.factories.world import MONTHLY, YEARLY

MARCH_1 = datetime(2026, 3, 1, tzinfo=UTC)
MARCH_17 = datetime(2026, 3, 17, tzinfo=UTC)
LATER = MARCH_17 + timedelta(hours=3)
APRIL_1 = datetime(2026, 4, 1, tzinfo=UTC)


@pytest.fixture
def alice(world, catalogue):
    """Member of Premium (30.00) for the whole of March 2026, with a saved card."""
    return world.signs_up("alice", catalogue.premium, now=MARCH_1)


@pytest.fixture
def upgraded(world, catalogue, alice):
    """Alice's upgrade to Business on 17 March, for 75.48."""
    return world.pays(world.orders(alice, catalogue.business, now=MARCH_17), now=MARCH_17)


def codes(membership: Membership) -> list[str]:
    return [item.product.code for item in membership.items.live()]


def paid_for_plan(membership: Membership) -> int:
    facts = held(terms_of(membership))
    assert facts is not None
    return sum([paid.net for paid in facts.plan.paid])


def refused(order: Order, *, now: datetime = LATER) -> str:
    with pytest.raises(UndoRefused) as refusal:
        undo(order=order, actor=None, now=now)
    return refusal.value.code


# What is back


def test_plan_period_and_anchor_are_back_and_the_money_is_on_the_card(world, alice, upgraded):
    order = undo(order=upgraded, actor=alice.customer.user, now=LATER)

    alice = world.fresh(alice)
    assert (order.state, order.undone_at) == (Order.State.UNDONE, LATER)
    assert codes(alice) == ["premium"]
    assert (alice.period_start, alice.period_end, alice.anchor) == (MARCH_1, APRIL_1, MARCH_1)
    back = Refund.objects.get()
    assert (back.amount, back.state, back.payment) == (7548, Refund.State.SUCCEEDED, upgraded.payment)
    assert gateway().look_up(upgraded.payment.attempts.get().gateway_ref).refunded == 7548
    assert alice.wallet_entries.count() == 0


def test_a_credit_note_takes_the_bill_back_line_by_line(world, alice, upgraded):
    undo(order=upgraded, actor=alice.customer.user, now=LATER)
    bill = alice.invoices.get(reference=f"order-{upgraded.uid}")
    note = bill.corrections.get()
    assert (note.type, note.net, note.due, note.refunded) == (Invoice.Type.CREDIT_NOTE, -7548, 0, 7548)
    assert [(line.product.code, line.net) for line in note.lines.all()] == [
        ("business", -9000),
        ("premium", 1452),
    ]
    assert Refund.objects.get().credit_note == note
    assert note.headline == f"Took back {bill.number}"


def test_the_history_and_a_mail_tell_of_it(alice, upgraded):
    undo(order=upgraded, actor=alice.customer.user, now=LATER)
    told = alice.transitions.latest("id")
    assert (told.kind, told.came_from, told.went_to) == ("undone", "Business", "Premium")
    notice = Notice.objects.get(kind="change_undone")
    assert (notice.reference, notice.facts) == (f"undo-{upgraded.uid}", {"amount": 7548})


def test_what_was_paid_before_the_upgrade_counts_again_to_the_cent(world, catalogue, alice):
    paid = paid_for_plan(alice)
    first = world.quote(alice, catalogue.business, now=MARCH_17).price
    order = world.pays(world.orders(alice, catalogue.business, now=MARCH_17), now=MARCH_17)
    undo(order=order, actor=None, now=LATER)
    alice = world.fresh(alice)
    again = world.quote(alice, catalogue.business, now=MARCH_17).price
    assert (again.due_now, again.lines) == (first.due_now, first.lines)
    assert paid_for_plan(alice) == paid == 3000


def test_the_next_period_is_billed_as_if_nothing_had_been(world, alice, upgraded):
    undo(order=upgraded, actor=None, now=LATER)
    order = renew(membership_id=alice.pk, now=APRIL_1)
    alice = world.fresh(alice)
    assert (order.state, order.payment.amount, codes(alice)) == ("fulfilled", 3000, ["premium"])
    assert alice.period_end == datetime(2026, 5, 1, tzinfo=UTC)


def test_a_free_member_is_free_again(world, catalogue):
    bob = world.signs_up("bob", catalogue.free, now=MARCH_1)
    order = world.pays(world.orders(bob, catalogue.premium, now=MARCH_17), now=MARCH_17)
    undo(order=order, actor=None, now=LATER)
    bob = world.fresh(bob)
    assert (codes(bob), bob.period, bob.anchor, bob.state) == (["free"], None, None, "active")
    assert Refund.objects.get().amount == 3000


def test_a_trial_goes_on(world, catalogue):
    taster = product("taster", group=catalogue.high_end, rank=2, prices={MONTH: 3000})
    Price.objects.filter(product=taster).update(trial_days=30)
    bob = world.signs_up("bob", taster, now=MARCH_1)
    trial_end = bob.trial_end
    order = world.pays(world.orders(bob, catalogue.business, now=MARCH_17), now=MARCH_17)
    assert world.fresh(bob).state == "active"
    undo(order=order, actor=None, now=LATER)
    bob = world.fresh(bob)
    assert (bob.state, bob.trial_end, bob.period, codes(bob)) == ("trialing", trial_end, None, ["taster"])
    assert trial_end == datetime(2026, 3, 31, tzinfo=UTC)


def test_the_billing_interval_is_back(world, catalogue, alice):
    order = world.pays(world.orders(alice, catalogue.premium, now=MARCH_17, interval=YEARLY), now=MARCH_17)
    assert world.fresh(alice).interval == YEARLY
    undo(order=order, actor=None, now=LATER)
    alice = world.fresh(alice)
    assert (alice.interval, alice.period_end) == (MONTHLY, APRIL_1)
    assert [item.unit_price for item in alice.items.live()] == [3000]


def test_packages_are_taken_away_again_and_their_quantity_goes_back(world, catalogue, alice):
    one = world.pays(
        world.orders(alice, catalogue.premium, now=MARCH_1, addons={catalogue.disk: 1}), now=MARCH_1
    )
    three = world.pays(
        world.orders(alice, catalogue.premium, now=MARCH_17, addons={catalogue.disk: 3, catalogue.visits: 1}),
        now=MARCH_17,
    )
    assert (one.kind, three.kind, codes(alice)) == (
        "addon",
        "addon",
        ["premium", "extra-disk", "unlimited-visits"],
    )
    undo(order=three, actor=None, now=LATER)
    assert [(item.product.code, item.quantity) for item in alice.items.live()] == [
        ("premium", 1),
        ("extra-disk", 1),
    ]
    assert Refund.objects.get().amount == three.payment.amount


def test_packages_that_the_upgrade_sold_anew_are_the_old_ones_again(world, catalogue, alice):
    world.pays(world.orders(alice, catalogue.premium, now=MARCH_1, addons={catalogue.disk: 2}), now=MARCH_1)
    rows = list(alice.items.live().values_list("pk", flat=True))
    order = world.pays(
        world.orders(alice, catalogue.business, now=MARCH_17, addons={catalogue.disk: 1}), now=MARCH_17
    )
    undo(order=order, actor=None, now=LATER)
    assert list(alice.items.live().values_list("pk", flat=True)) == rows
    assert [item.quantity for item in alice.items.live()] == [1, 2]


# Wallet


def test_the_wallet_gets_back_what_it_paid(world, catalogue, alice, staff):
    adjust(membership=alice, amount=2000, note="Gift", actor=staff, reference="gift", now=MARCH_1)
    order = world.pays(world.orders(alice, catalogue.business, now=MARCH_17), now=MARCH_17)
    assert (order.payment.amount, alice.wallet_entries.balance()) == (5548, 0)
    undo(order=order, actor=alice.customer.user, now=LATER)
    entry = alice.wallet_entries.latest("id")
    assert (entry.amount, entry.reason, entry.reference) == (2000, "undone", f"undo-{order.uid}")
    assert Refund.objects.get().amount == 5548


def test_credit_that_the_change_gave_is_taken_again(world, catalogue):
    """Yearly Premium to monthly Business gives more credit than it costs: nothing to refund, the wallet to empty."""
    january, february = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
    carol = world.signs_up("carol", catalogue.premium, now=january, interval=YEARLY)
    order = world.orders(carol, catalogue.business, now=february, interval=MONTHLY)
    assert carol.wallet_entries.balance() == 18452
    undo(order=order, actor=None, now=february + timedelta(hours=1))
    carol = world.fresh(carol)
    assert (carol.wallet_entries.balance(), Refund.objects.count()) == (0, 0)
    assert (codes(carol), carol.period_end) == (["premium"], datetime(2027, 1, 1, tzinfo=UTC))
    document = carol.invoices.get(reference=f"undo-{order.uid}")
    assert (document.type, document.total, document.wallet_used, document.due) == ("invoice", 18452, 18452, 0)


def test_credit_that_was_spent_since_cannot_be_taken_again(world, catalogue, staff):
    january, february = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
    carol = world.signs_up("carol", catalogue.premium, now=january, interval=YEARLY)
    order = world.orders(carol, catalogue.business, now=february, interval=MONTHLY)
    adjust(membership=carol, amount=-1, note="Fee", actor=staff, reference="fee", now=february)
    assert refused(order, now=february + timedelta(hours=1)) == "credit_spent"


# Codes and planned changes


def test_the_code_in_force_has_the_periods_it_had_and_the_one_entered_may_be_entered_again(
    world, catalogue, alice
):
    Discount.objects.create(code="WELCOME", percent=10, periods=3)
    Discount.objects.create(code="SPRING", percent=50, periods=2, most_uses=1)
    bob = world.signs_up("bob", catalogue.premium, now=MARCH_1, code="WELCOME")
    order = world.pays(world.orders(bob, catalogue.business, now=MARCH_17, code="SPRING"), now=MARCH_17)
    assert bob.discount_uses.live().get().terms["code"] == "SPRING"
    undo(order=order, actor=None, now=LATER)
    live = bob.discount_uses.live().get()
    assert (live.terms["code"], live.terms["periods_left"]) == ("WELCOME", 2)
    assert world.quote(alice, catalogue.business, now=LATER, code="SPRING").price.lines[0].discount == 4500


def test_a_code_that_went_on_has_the_period_back_that_the_upgrade_used(world, catalogue):
    Discount.objects.create(code="WELCOME", percent=10, periods=2)
    bob = world.signs_up("bob", catalogue.premium, now=MARCH_1, code="WELCOME")
    order = world.pays(world.orders(bob, catalogue.business, now=MARCH_17), now=MARCH_17)
    assert not bob.discount_uses.live().exists()
    undo(order=order, actor=None, now=LATER)
    assert bob.discount_uses.live().get().terms["periods_left"] == 1


def test_a_downgrade_that_the_upgrade_replaced_is_planned_again(world, catalogue, alice):
    world.orders(alice, catalogue.free, now=MARCH_1)
    order = world.pays(world.orders(alice, catalogue.business, now=MARCH_17), now=MARCH_17)
    undo(order=order, actor=None, now=LATER)
    change = alice.scheduled_changes.get()
    assert (change.state, change.settled_at, change.effective_at) == (
        ScheduledChange.State.PENDING,
        None,
        APRIL_1,
    )
    renew(membership_id=alice.pk, now=APRIL_1)
    assert codes(alice) == ["free"]


def test_of_packages_added_and_given_up_in_one_change_both_are_undone(world, catalogue, alice):
    world.pays(world.orders(alice, catalogue.premium, now=MARCH_1, addons={catalogue.disk: 1}), now=MARCH_1)
    order = world.pays(
        world.orders(alice, catalogue.premium, now=MARCH_17, addons={catalogue.visits: 1}), now=MARCH_17
    )
    assert (order.kind, alice.scheduled_changes.get().state) == ("mixed", "pending")
    undo(order=order, actor=None, now=LATER)
    assert (codes(alice), alice.scheduled_changes.get().state) == (["premium", "extra-disk"], "cancelled")


# When it is refused


def test_it_can_be_undone_for_a_day_and_no_longer(alice, upgraded):
    last, over = MARCH_17 + timedelta(hours=24, seconds=-1), MARCH_17 + timedelta(hours=24)
    assert newest_upgrade(membership=alice, now=last) == upgraded
    assert offer(order=upgraded, now=last).until == over
    assert newest_upgrade(membership=alice, now=over) is None
    assert refused(upgraded, now=MARCH_17 + timedelta(hours=24)) == "too_late"


def test_how_long_is_a_setting(settings, alice, upgraded):
    settings.UNDO_HOURS = 2
    assert refused(upgraded) == "too_late"


def test_a_change_is_undone_once(world, alice, upgraded):
    undo(order=upgraded, actor=None, now=LATER)
    assert undo(order=upgraded, actor=None, now=LATER).state == Order.State.UNDONE
    assert (Refund.objects.count(), alice.transitions.filter(kind="undone").count()) == (1, 1)
    assert newest_upgrade(membership=alice, now=LATER) is None


def test_another_change_since_is_not_undone_with_it(world, catalogue, alice, upgraded):
    world.pays(world.orders(alice, catalogue.business, now=LATER, addons={catalogue.design: 1}), now=LATER)
    assert refused(upgraded, now=LATER) == "changed"


def test_a_renewal_since_is_not_undone_with_it(world, catalogue):
    daily = product("daily", group=catalogue.high_end, rank=3, prices={"day": 300})
    bob = world.signs_up("bob", catalogue.free, now=MARCH_1)
    order = world.pays(world.orders(bob, daily, now=MARCH_17, interval=Interval(unit=Unit.DAY)), now=MARCH_17)
    renew(membership_id=bob.pk, now=MARCH_17 + timedelta(days=1))
    assert refused(order, now=MARCH_17 + timedelta(hours=23, minutes=59)) == "changed"


def test_what_was_planned_since_is_taken_back_first(world, catalogue, alice, upgraded):
    cancel_at_period_end(membership=alice, actor=None, reason="", now=LATER)
    assert refused(upgraded) == "planned"
    keep_plan(membership=alice, actor=None, now=LATER)
    assert undo(order=upgraded, actor=None, now=LATER).state == Order.State.UNDONE


def test_a_change_that_waits_for_its_payment_comes_first(world, catalogue, alice, upgraded):
    world.orders(alice, catalogue.business, now=LATER, addons={catalogue.design: 1})
    assert refused(upgraded) == "under_way"


def test_money_that_staff_gave_back_is_not_given_back_twice(alice, upgraded):
    refund(payment=upgraded.payment, amount=100, reason="Slow", actor=None, now=LATER)
    assert refused(upgraded) == "refunded"


def test_work_that_was_bought_is_not_undone(world, catalogue, alice):
    order = world.pays(
        world.orders(alice, catalogue.premium, now=MARCH_17, addons={catalogue.design: 1}), now=MARCH_17
    )
    assert refused(order) == "service"


@pytest.mark.parametrize("plan", ["free", "premium"])
def test_a_downgrade_a_first_plan_and_an_unpaid_order_are_no_upgrade(world, catalogue, alice, plan):
    first = Order.objects.get(membership=alice)
    assert refused(first, now=MARCH_1) == "never"
    assert refused(world.orders(alice, catalogue.free, now=MARCH_17)) == "never"
    assert refused(world.orders(alice, catalogue.business, now=MARCH_17)) == "never"


def test_what_exceeds_the_old_limits_is_named_by_site_and_kind(world, catalogue, site_a):
    membership = site_a.membership
    free = product(
        "small", group=catalogue.high_end, rank=1, prices={MONTH: 0},
        limits={Kind.SITES: 1, Kind.USERS: 0, Kind.POSTS: 50, Kind.PAGES: 50, Kind.DISK: None, Kind.VISITS: 10},
    )  # fmt: skip
    membership.items.update(ended_at=MARCH_1 + timedelta(days=30))
    membership.items.create(
        product=free, price=free.prices.get(), unit_price=0, added_at=membership.created_at
    )
    order = world.pays(world.orders(membership, catalogue.premium, now=MARCH_17), now=MARCH_17)
    with pytest.raises(UndoRefused) as refusal:
        undo(order=order, actor=None, now=LATER)
    assert refusal.value.code == "exceeds"
    assert refusal.value.exceeding == [
        Exceeding(site="Alpha Garden", kind=Kind.USERS, used=1, allowed=0, names=["Alpha-Owner"])
    ]
    assert Refund.objects.count() == 0


@pytest.fixture
def small(catalogue, site_a):
    """Alpha Garden has three posts, of which the plan parks two."""
    plan = product(
        "small", group=catalogue.high_end, rank=1, prices={MONTH: 0},
        limits={Kind.SITES: 1, Kind.USERS: 1, Kind.POSTS: 1, Kind.PAGES: 0, Kind.DISK: None, Kind.VISITS: 10},
    )  # fmt: skip
    site_a.membership.items.update(ended_at=MARCH_17 - timedelta(days=1))
    site_a.membership.items.create(
        product=plan, price=plan.prices.get(), unit_price=0, added_at=site_a.membership.created_at
    )
    with tenant_context(site_a):
        for title in ("One", "Two", "Three"):
            BlogIndexPage.objects.get().add_child(instance=PostPage(title=title))
    apply_entitlements(site_id=site_a.pk, now=MARCH_17 - timedelta(days=1))
    assert posts_seen(site_a) == 1
    return plan


def posts_seen(site: Site) -> int:
    with tenant_context(site):
        return PostPage.objects.live().count()


def test_what_the_upgrade_brought_back_from_parking_is_parked_again(world, catalogue, site_a, small):
    order = world.pays(world.orders(site_a.membership, catalogue.premium, now=MARCH_17), now=MARCH_17)
    apply_entitlements(site_id=site_a.pk, now=MARCH_17)
    assert posts_seen(site_a) == 3
    assert foresee(order=order, now=LATER).parked_again == [
        Exceeding(site="Alpha Garden", kind=Kind.POSTS, used=3, allowed=1, names=["Two", "One"])
    ]
    assert undo(order=order, actor=None, now=LATER).state == Order.State.UNDONE
    apply_entitlements(site_id=site_a.pk, now=LATER)
    assert posts_seen(site_a) == 1


def test_what_was_not_parked_before_the_upgrade_is_in_the_way_of_undoing_it(world, catalogue, site_a, small):
    order = world.pays(world.orders(site_a.membership, catalogue.premium, now=MARCH_17), now=MARCH_17)
    apply_entitlements(site_id=site_a.pk, now=MARCH_17)
    with tenant_context(site_a):
        HomePage.objects.get().add_child(instance=StandardPage(title="New"))
    with pytest.raises(UndoRefused) as refusal:
        undo(order=order, actor=None, now=LATER)
    assert refusal.value.exceeding == [
        Exceeding(site="Alpha Garden", kind=Kind.PAGES, used=1, allowed=0, names=["New"])
    ]


# When the money does not go back


def test_what_was_paid_by_bank_transfer_goes_into_the_wallet(world, alice, upgraded):
    upgraded.payment.attempts.update(method="bank_transfer")
    undo(order=upgraded, actor=None, now=LATER)
    assert (alice.wallet_entries.balance(), Refund.objects.count()) == (7548, 0)
    note = alice.invoices.get(reference=f"undo-{upgraded.uid}")
    assert (note.refunded, note.wallet_added) == (0, 7548)


def test_a_gateway_that_is_away_gets_the_refund_later(world, alice, upgraded):
    world.gateway.control(fail_next={"kind": "server_error", "path": "/v1/refunds"})
    undo(order=upgraded, actor=None, now=LATER)
    assert (Refund.objects.get().state, codes(alice)) == (Refund.State.STARTED, ["premium"])
    reconcile_refund(refund=Refund.objects.get(), now=LATER)
    assert Refund.objects.get().state == Refund.State.SUCCEEDED
    assert alice.invoices.filter(type="credit_note").count() == 1


def test_money_that_the_gateway_does_not_take_back_becomes_account_credit(world, alice, upgraded):
    paid = upgraded.payment.attempts.get()
    gateway().refund(RefundRequest(key="by hand", charge_ref=paid.gateway_ref, amount=7548, currency="EUR"))
    undo(order=upgraded, actor=None, now=LATER)
    assert (Refund.objects.get().state, codes(alice)) == (Refund.State.FAILED, ["premium"])
    entry = alice.wallet_entries.get()
    assert (entry.amount, entry.reason) == (7548, "refund_failed")
    assert Notice.objects.filter(kind="payment_credited").count() == 1
