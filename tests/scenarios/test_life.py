"""The life of a membership, walked day by day: what is billed when, what is told, and what becomes of the sites."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from checkout.links import pay_link
from checkout.models import Order
from checkout.operations.books import what_is_wrong
from checkout.operations.cancel import cancel
from checkout.operations.fulfil import fulfil
from memberships.models import Membership, Payment, Transition
from memberships.operations.keep_plan import keep_plan
from products.models import Price
from tests.factories.catalogue import MONTH, Catalogue, product
from tests.factories.world import MONTHLY, YEARLY, World

SAVED_THEN_DECLINED = "4000000000000341"
ASKS = "4000002760003184"


def at(day: str, time: str = "00:00") -> datetime:
    return datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=UTC)


def bills(membership: Membership) -> list[tuple[str, int]]:
    """The day and the amount of each bill, first to last."""
    return [(f"{bill.issued_at:%Y-%m-%d}", bill.due) for bill in membership.invoices.order_by("id")]


def told(membership: Membership, *kinds: str) -> list[tuple[str, str]]:
    """The day and the kind of each mail, first to last; of these `kinds` only, if there are any."""
    notices = membership.notices.filter(kind__in=kinds) if kinds else membership.notices.all()
    return [(f"{notice.created_at:%Y-%m-%d}", notice.kind) for notice in notices.order_by("id")]


def moves(membership: Membership) -> list[tuple[str, str]]:
    """The day and the new state of each move."""
    rows = membership.transitions.filter(kind__in=Membership.State.values).order_by("id")
    return [(f"{row.at:%Y-%m-%d}", row.went_to) for row in rows]


def period(membership: Membership) -> tuple[str, str]:
    return f"{membership.period_start:%Y-%m-%d %H:%M}", f"{membership.period_end:%Y-%m-%d %H:%M}"


def codes(membership: Membership) -> list[str]:
    return [item.product.code for item in membership.items.live()]


@pytest.fixture(autouse=True)
def the_books_are_silent(world: World) -> Iterator[None]:
    """At the end of each story nothing contradicts itself, a moment after what happened last."""
    yield
    last = max(filter(None, (world.today, Transition.objects.latest("at").at)))
    assert [str(finding) for finding in what_is_wrong(now=last + timedelta(hours=1))] == []


@pytest.fixture
def alice(world: World, catalogue: Catalogue) -> Membership:
    """On Premium (30.00) for the whole of March 2026, card saved."""
    return world.signs_up("alice", catalogue.premium, now=at("2026-03-01"))


def test_a_first_year_from_31_january_of_a_leap_year_is_twelve_bills_more_on_the_last_days(world, catalogue):
    start = at("2028-01-31", "10:00")
    alice = world.signs_up("alice", catalogue.premium, now=start)
    world.walk(start, at("2029-01-31", "10:00"))
    alice = world.fresh(alice)
    days = [
        *("2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30", "2028-05-31", "2028-06-30", "2028-07-31"),
        *("2028-08-31", "2028-09-30", "2028-10-31", "2028-11-30", "2028-12-31", "2029-01-31"),
    ]
    assert bills(alice) == [(day, 3000) for day in days]
    assert period(alice) == ("2029-01-31 10:00", "2029-02-28 10:00")
    assert told(alice, "renewed") == [(day, "renewed") for day in days[1:]]
    assert moves(alice) == [("2028-01-31", "active")]
    lines = [line for bill in alice.invoices.order_by("id") for line in bill.lines.all()]
    ends = [line.covers_end for line in lines]
    assert [line.covers_start for line in lines[1:]] == ends[:-1]
    assert ends[:2] == [at("2028-02-29", "10:00"), at("2028-03-31", "10:00")]
    assert world.gateway.state()["charges"]["succeeded"] == 13


def test_seventy_days_without_a_scheduler_are_made_up_for_period_by_period_in_one_run(world, alice):
    world.a_day(at("2026-05-10"))
    alice = world.fresh(alice)
    assert bills(alice) == [("2026-03-01", 3000), ("2026-05-10", 3000), ("2026-05-10", 3000)]
    assert period(alice) == ("2026-05-01 00:00", "2026-06-01 00:00")
    assert world.gateway.state()["charges"]["succeeded"] == 3
    world.a_day(at("2026-05-10"))
    assert len(bills(alice)) == 3


def test_of_missed_periods_the_next_is_not_billed_before_the_one_that_is_unpaid(world, alice):
    world.gateway.change_card(world.card_of(alice).gateway_ref, card=SAVED_THEN_DECLINED)
    world.a_day(at("2026-05-10"))
    assert [order.kind for order in Order.objects.open()] == ["renewal"]
    assert (world.fresh(alice).state, period(world.fresh(alice))[1]) == ("past_due", "2026-04-01 00:00")
    world.pays(Order.objects.open().get(), now=at("2026-05-10"))
    assert period(world.fresh(alice)) == ("2026-04-01 00:00", "2026-05-01 00:00")
    world.a_day(at("2026-05-11"))
    assert period(world.fresh(alice)) == ("2026-05-01 00:00", "2026-06-01 00:00")


def trial_plan(catalogue: Catalogue):
    plan = product("studio", group=catalogue.high_end, rank=2, prices={MONTH: 4500})
    Price.objects.filter(product=plan).update(trial_days=14, setup_fee=1000)
    return plan


def test_a_trial_becomes_paid_with_the_card_that_was_given_during_it(world, catalogue):
    carol = world.comes("carol", now=at("2026-03-10"))
    world.orders(carol, trial_plan(catalogue), now=at("2026-03-10"))
    assert (world.fresh(carol).state, bills(carol)) == ("trialing", [])
    world.saves_a_card(world.fresh(carol), now=at("2026-03-12"))
    world.walk(at("2026-03-11"), at("2026-04-23"))
    carol = world.fresh(carol)
    assert (carol.state, bills(carol), carol.trial_end) == ("active", [("2026-03-24", 5500)], None)
    assert period(carol) == ("2026-03-24 00:00", "2026-04-24 00:00")
    assert moves(carol) == [("2026-03-10", "trialing"), ("2026-03-24", "active")]
    world.a_day(at("2026-04-24"))
    assert bills(carol)[1:] == [("2026-04-24", 4500)]


def test_a_trial_without_a_card_is_overdue_at_its_end_and_paying_by_the_link_starts_the_period_there(
    world, catalogue
):
    carol = world.comes("carol", now=at("2026-03-10"))
    world.orders(carol, trial_plan(catalogue), now=at("2026-03-10"))
    world.walk(at("2026-03-11"), at("2026-03-26"))
    carol = world.fresh(carol)
    assert (carol.state, f"{carol.past_due_since:%Y-%m-%d}") == ("past_due", "2026-03-24")
    assert told(carol, "payment_failed") == [
        ("2026-03-24", "payment_failed"),
        ("2026-03-25", "payment_failed"),
    ]
    world.pays(Order.objects.open().get(), now=at("2026-03-27"))
    carol = world.fresh(carol)
    assert (carol.state, period(carol)) == ("active", ("2026-03-24 00:00", "2026-04-24 00:00"))


def test_a_trial_that_ends_at_a_free_price_goes_on_for_nothing(world, catalogue):
    Price.objects.filter(product=catalogue.free).update(trial_days=14)
    carol = world.comes("carol", now=at("2026-03-10"))
    world.orders(carol, catalogue.free, now=at("2026-03-10"))
    world.walk(at("2026-03-11"), at("2026-05-01"))
    carol = world.fresh(carol)
    assert (carol.state, carol.period, carol.trial_end, bills(carol)) == ("active", None, None, [])


def test_four_failures_the_end_and_the_way_back(world, catalogue, alice, site_a):
    site_a.__class__.objects.filter(pk=site_a.pk).update(membership=alice)
    world.gateway.change_card(world.card_of(alice).gateway_ref, card=SAVED_THEN_DECLINED)
    world.walk(at("2026-03-02"), at("2026-04-14"))
    alice = world.fresh(alice)
    failures = ["2026-04-01", "2026-04-02", "2026-04-04", "2026-04-08"]
    assert told(alice, "payment_failed", "expired") == [(day, "payment_failed") for day in failures]
    payment = Payment.objects.get(state="open")
    tried = [f"{attempt.started_at:%Y-%m-%d}" for attempt in payment.attempts.order_by("number")]
    assert (tried, payment.failed_tries, payment.next_try_at) == (failures, 4, None)
    assert (alice.state, codes(alice), period(alice)[1]) == ("past_due", ["premium"], "2026-04-01 00:00")
    assert access(site_a) == "open"

    world.walk(at("2026-04-15"), at("2026-04-28"))
    alice = world.fresh(alice)
    assert (alice.state, f"{alice.ended_at:%Y-%m-%d}") == ("expired", "2026-04-15")
    assert told(alice, "expired") == [("2026-04-15", "expired")]
    assert (Order.objects.latest("id").state, Payment.objects.latest("id").state) == ("expired", "closed")
    assert access(site_a) == "read_only"
    world.a_day(at("2026-04-29"))
    assert access(site_a) == "notice"

    back = world.orders(alice, catalogue.premium, now=at("2026-05-10"))
    assert (back.kind, back.payment.amount) == ("reactivation", 3000)
    world.pays(back, now=at("2026-05-10"))
    world.walk(at("2026-05-10"), at("2026-06-10"))
    alice = world.fresh(alice)
    assert (alice.state, codes(alice), alice.ended_at) == ("active", ["premium"], None)
    assert period(alice) == ("2026-06-10 00:00", "2026-07-10 00:00")
    assert access(site_a) == "open"
    assert bills(alice) == [("2026-03-01", 3000), ("2026-05-10", 3000), ("2026-06-10", 3000)]
    states = ["active", "past_due", "expired", "active"]
    assert [state for _day, state in moves(alice)] == states


def access(site) -> str:
    site.refresh_from_db()
    return str(site.access)


def test_an_overdue_bill_that_is_paid_late_continues_the_period_where_it_ended(world, alice):
    world.gateway.change_card(world.card_of(alice).gateway_ref, card=SAVED_THEN_DECLINED)
    world.walk(at("2026-04-01"), at("2026-04-09"))
    world.pays(Order.objects.open().get(), now=at("2026-04-10"))
    alice = world.fresh(alice)
    assert (alice.state, alice.past_due_since, period(alice)) == (
        "active",
        None,
        ("2026-04-01 00:00", "2026-05-01 00:00"),
    )
    world.walk(at("2026-04-11"), at("2026-05-01"))
    assert bills(alice) == [("2026-03-01", 3000), ("2026-04-10", 3000), ("2026-05-01", 3000)]


def test_a_card_that_works_again_is_charged_on_the_next_of_the_days(world, alice):
    card = world.card_of(alice).gateway_ref
    world.gateway.change_card(card, card=SAVED_THEN_DECLINED)
    world.walk(at("2026-04-01"), at("2026-04-03"))
    world.gateway.change_card(card, card="4242424242424242")
    world.a_day(at("2026-04-03", "23:59"))
    assert world.fresh(alice).state == "past_due"
    world.a_day(at("2026-04-04"))
    assert (world.fresh(alice).state, period(world.fresh(alice))[0]) == ("active", "2026-04-01 00:00")


def test_another_card_pays_what_is_overdue_at_once(world, alice):
    world.gateway.change_card(world.card_of(alice).gateway_ref, card=SAVED_THEN_DECLINED)
    world.walk(at("2026-04-01"), at("2026-04-02"))
    world.saves_a_card(world.fresh(alice), now=at("2026-04-03"))
    order = Order.objects.latest("id")
    fulfil(order=order, now=at("2026-04-03"))  # what the news of the payment does
    assert (world.fresh(alice).state, bills(alice)[-1]) == ("active", ("2026-04-03", 3000))


def test_a_bank_that_asks_for_its_customer_is_told_with_a_link_and_is_no_failure(world, alice):
    world.gateway.change_card(world.card_of(alice).gateway_ref, card=ASKS)
    world.walk(at("2026-04-01"), at("2026-04-03"))
    order = Order.objects.open().get()
    assert told(alice, "payment_failed", "action_needed") == [
        ("2026-04-01", "action_needed"),
        ("2026-04-02", "action_needed"),
    ]
    assert alice.notices.filter(kind="action_needed").first().facts["pay_url"] == pay_link(order)
    assert (order.payment.failed_tries, order.payment.attempts.count()) == (0, 1)
    assert world.fresh(alice).state == "past_due"
    world.pays(order, now=at("2026-04-03"))
    assert (world.fresh(alice).state, bills(alice)[-1]) == ("active", ("2026-04-03", 3000))


def test_money_that_comes_after_the_end_goes_to_the_wallet_and_pays_for_coming_back(world, catalogue, alice):
    world.gateway.change_card(world.card_of(alice).gateway_ref, card=SAVED_THEN_DECLINED)
    world.walk(at("2026-04-01"), at("2026-04-15"))
    order = world.transfers(Order.objects.latest("id"), now=at("2026-04-16"))
    alice = world.fresh(alice)
    assert (order.state, alice.state, alice.wallet_entries.balance()) == ("expired", "expired", 3000)
    assert told(alice, "payment_credited") == [("2026-04-16", "payment_credited")]
    back = world.orders(alice, catalogue.premium, now=at("2026-04-20"))
    assert (back.payment, back.state) == (None, "fulfilled")
    assert period(world.fresh(alice)) == ("2026-04-20 00:00", "2026-05-20 00:00")


def test_a_downgrade_kept_back_and_then_carried_out(world, catalogue, alice):
    world.pays(world.orders(alice, catalogue.business, now=at("2026-03-01")), now=at("2026-03-01"))
    world.orders(alice, catalogue.premium, now=at("2026-03-10"))
    keep_plan(membership=world.fresh(alice), actor=alice.customer.user, now=at("2026-03-20"))
    world.walk(at("2026-03-20"), at("2026-04-10"))
    assert (codes(alice), bills(alice)[-1]) == (["business"], ("2026-04-01", 9000))
    world.orders(alice, catalogue.premium, now=at("2026-04-11"))
    world.walk(at("2026-04-12"), at("2026-05-01"))
    assert (codes(alice), bills(alice)[-1]) == (["premium"], ("2026-05-01", 3000))
    assert told(alice, "change_scheduled", "change_applied", "renewed") == [
        ("2026-03-10", "change_scheduled"),
        ("2026-04-01", "renewed"),
        ("2026-04-11", "change_scheduled"),
        ("2026-05-01", "change_applied"),
    ]


def test_a_year_goes_over_into_months_when_it_is_used_up(world, catalogue):
    carol = world.signs_up("carol", catalogue.premium, now=at("2026-01-01"), interval=YEARLY)
    change = world.orders(carol, catalogue.premium, now=at("2026-03-15"), interval=MONTHLY)
    assert (change.kind, change.payment) == ("downgrade", None)
    world.walk(at("2026-12-20"), at("2027-03-01"))
    carol = world.fresh(carol)
    assert bills(carol) == [
        ("2026-01-01", 30000),
        ("2027-01-01", 3000),
        ("2027-02-01", 3000),
        ("2027-03-01", 3000),
    ]
    assert period(carol) == ("2027-03-01 00:00", "2027-04-01 00:00")


def test_a_cancelled_membership_runs_to_the_end_of_what_was_paid_and_not_a_day_longer(world, alice, site_a):
    site_a.__class__.objects.filter(pk=site_a.pk).update(membership=alice)
    change = cancel(membership=alice, user=alice.customer.user, reason="Too dear", now=at("2026-03-10"))
    assert (change.effective_at, change.reason) == (at("2026-04-01"), "Too dear")
    world.walk(at("2026-03-11"), at("2026-03-31"))
    assert (world.fresh(alice).state, access(site_a)) == ("active", "open")
    world.walk(at("2026-04-01", "06:00"), at("2026-04-14", "06:00"))
    alice = world.fresh(alice)
    assert (alice.state, alice.ended_at, access(site_a)) == ("cancelled", at("2026-04-01"), "read_only")
    world.a_day(at("2026-04-15"))
    assert access(site_a) == "notice"
    assert told(alice, "cancellation_scheduled", "cancelled") == [
        ("2026-03-10", "cancellation_scheduled"),
        ("2026-04-01", "cancelled"),
    ]
    assert bills(alice) == [("2026-03-01", 3000)]


def test_a_cancellation_taken_back_leaves_everything_as_it_was(world, alice):
    cancel(membership=alice, user=alice.customer.user, reason="", now=at("2026-03-10"))
    assert keep_plan(membership=world.fresh(alice), actor=alice.customer.user, now=at("2026-03-31", "23:59"))
    world.walk(at("2026-04-01"), at("2026-04-02"))
    alice = world.fresh(alice)
    assert (alice.state, bills(alice)[-1], alice.scheduled_changes.get().state) == (
        "active",
        ("2026-04-01", 3000),
        "cancelled",
    )


def test_a_cancellation_takes_the_place_of_a_downgrade(world, catalogue, alice):
    world.orders(alice, catalogue.free, now=at("2026-03-05"))
    cancel(membership=world.fresh(alice), user=alice.customer.user, reason="", now=at("2026-03-10"))
    pending = alice.scheduled_changes.get(state="pending")
    assert (pending.kind, alice.scheduled_changes.filter(state="cancelled").count()) == ("cancellation", 1)
    world.a_day(at("2026-04-01"))
    assert world.fresh(alice).state == "cancelled"


def test_a_trial_that_is_cancelled_ends_with_the_trial_and_costs_nothing(world, catalogue):
    carol = world.comes("carol", now=at("2026-03-10"))
    world.orders(carol, trial_plan(catalogue), now=at("2026-03-10"))
    world.saves_a_card(world.fresh(carol), now=at("2026-03-10"))
    cancel(membership=world.fresh(carol), user=carol.customer.user, reason="", now=at("2026-03-11"))
    world.walk(at("2026-03-12"), at("2026-03-23"))
    assert world.fresh(carol).state == "trialing"
    world.a_day(at("2026-03-24"))
    assert (world.fresh(carol).state, bills(carol)) == ("cancelled", [])
    assert world.gateway.state()["charges"]["succeeded"] == 0


def test_a_free_membership_is_cancelled_at_once_and_can_come_back(world, catalogue):
    bob = world.signs_up("bob", catalogue.free, now=at("2026-03-01"))
    assert cancel(membership=bob, user=bob.customer.user, reason="", now=at("2026-03-05")) is None
    assert (world.fresh(bob).state, told(bob, "cancelled")) == ("cancelled", [("2026-03-05", "cancelled")])
    back = world.orders(world.fresh(bob), catalogue.free, now=at("2026-07-01"))
    assert (back.kind, back.state, world.fresh(bob).state) == ("reactivation", "fulfilled", "active")


def test_cancelling_while_a_bill_is_overdue_closes_the_bill_and_ends_the_membership(world, alice):
    world.gateway.change_card(world.card_of(alice).gateway_ref, card=SAVED_THEN_DECLINED)
    world.walk(at("2026-04-01"), at("2026-04-02"))
    assert (
        cancel(membership=world.fresh(alice), user=alice.customer.user, reason="", now=at("2026-04-03"))
        is None
    )
    alice = world.fresh(alice)
    assert (alice.state, Order.objects.latest("id").state) == ("cancelled", "cancelled")
    world.walk(at("2026-04-04"), at("2026-04-30"))
    assert told(alice, "payment_failed", "expired", "cancelled") == [
        ("2026-04-01", "payment_failed"),
        ("2026-04-02", "payment_failed"),
        ("2026-04-03", "cancelled"),
    ]


def test_cancelling_a_bill_that_turns_out_to_be_paid_uses_up_what_was_paid_first(world, alice):
    world.gateway.change_card(world.card_of(alice).gateway_ref, card=SAVED_THEN_DECLINED)
    world.a_day(at("2026-04-01"))
    world.gateway.pay(world.opens_the_page(Order.objects.open().get(), now=at("2026-04-02")).gateway_ref)
    change = cancel(membership=world.fresh(alice), user=alice.customer.user, reason="", now=at("2026-04-03"))
    assert (change.effective_at, world.fresh(alice).state) == (at("2026-05-01"), "active")


def test_a_plan_that_is_free_is_never_billed_and_never_ends(world, catalogue):
    bob = world.signs_up("bob", catalogue.free, now=at("2026-03-01"))
    for year in (2027, 2036):
        world.a_day(at(f"{year}-01-01"))
    bob = world.fresh(bob)
    assert (bob.state, bob.period, bills(bob)) == ("active", None, [])
