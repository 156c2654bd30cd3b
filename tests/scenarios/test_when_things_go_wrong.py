"""What may fail around a payment, and the same end every time: applied once, or nothing changed."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from checkout import tasks
from checkout.models import Order
from checkout.operations.confirm import NothingToConfirm, QuoteStale, confirm
from checkout.operations.pay import give_up, pay, reconcile
from checkout.operations.renew import renew
from checkout.operations.selection import SelectionRefused
from memberships.billing.gateway import GatewayUnavailable
from memberships.models import Attempt, Membership, Payment, ScheduledChange, WalletEntry
from memberships.operations.keep_plan import keep_plan
from products.models import Price

MARCH_1 = datetime(2026, 3, 1, tzinfo=UTC)
MARCH_17 = datetime(2026, 3, 17, tzinfo=UTC)
APRIL_1 = datetime(2026, 4, 1, tzinfo=UTC)
MAY_1 = datetime(2026, 5, 1, tzinfo=UTC)
DECLINED = "4000000000000002"
SAVED_THEN_DECLINED = "4000000000000341"
ASKS = "4000002760003184"


@pytest.fixture
def bob(world, catalogue):
    """On Free since 1 March."""
    return world.signs_up("bob", catalogue.free, now=MARCH_1)


@pytest.fixture
def alice(world, catalogue):
    """On Premium for the whole of March, card saved."""
    return world.signs_up("alice", catalogue.premium, now=MARCH_1)


def codes(membership: Membership) -> list[str]:
    return [item.product.code for item in membership.items.live()]


def test_a_declined_card_leaves_the_old_plan_and_another_card_pays(world, catalogue, bob):
    order = world.pays(world.orders(bob, catalogue.premium, now=MARCH_17), now=MARCH_17, card=DECLINED)
    assert (order.state, codes(bob)) == (Order.State.OPEN, ["free"])
    order = world.pays(order, now=MARCH_17)
    assert (order.state, codes(bob)) == (Order.State.FULFILLED, ["premium"])
    assert world.gateway.state()["charges"] | {"by_payment_intent": {}} == {
        "succeeded": 1, "failed": 1, "by_payment_intent": {},
    }  # fmt: skip


def test_the_gateway_charges_and_then_falls_silent(world, catalogue, alice):
    order = world.orders(alice, catalogue.business, now=MARCH_17)
    world.gateway.control(fail_next={"kind": "timeout_after", "path": "/v1/payment_intents"})
    with pytest.raises(GatewayUnavailable):
        pay(order=order, card=world.card_of(alice), return_url="http://localhost/", now=MARCH_17)
    assert Attempt.objects.latest("id").state == Attempt.State.STARTED

    order = reconcile(order=order, now=MARCH_17)

    assert (order.state, codes(alice)) == (Order.State.FULFILLED, ["business"])
    assert world.gateway.state()["charges"]["succeeded"] == 2


@pytest.mark.parametrize("kind", ["server_error", "rate_limit", "cut_before"])
def test_a_gateway_in_trouble_is_asked_again_with_the_same_key(world, catalogue, alice, kind):
    order = world.orders(alice, catalogue.business, now=MARCH_17)
    world.gateway.control(fail_next={"kind": kind, "path": "/v1/payment_intents"})
    with pytest.raises(GatewayUnavailable):
        pay(order=order, card=world.card_of(alice), return_url="http://localhost/", now=MARCH_17)
    attempt = pay(order=order, card=world.card_of(alice), return_url="http://localhost/", now=MARCH_17)
    order.refresh_from_db()
    assert (attempt.number, attempt.state, order.state) == (1, "succeeded", "fulfilled")
    assert world.gateway.state()["charges"]["succeeded"] == 2


def test_a_bank_that_asks_is_not_a_failure(world, catalogue, alice):
    world.gateway.change_card(world.card_of(alice).gateway_ref, card=ASKS)
    order = world.orders(alice, catalogue.business, now=MARCH_17)
    attempt = pay(order=order, card=world.card_of(alice), return_url="http://localhost/", now=MARCH_17)
    assert (attempt.state, attempt.url.startswith(world.gateway.base_url)) == ("waiting", True)
    world.gateway.answer_bank(attempt.gateway_ref, approve=True)
    assert reconcile(order=order, now=MARCH_17).state == Order.State.FULFILLED


def test_a_saved_card_that_is_declined_is_told_and_nothing_changes(world, catalogue, alice):
    world.gateway.change_card(world.card_of(alice).gateway_ref, card=SAVED_THEN_DECLINED)
    order = world.orders(alice, catalogue.business, now=MARCH_17)
    attempt = pay(order=order, card=world.card_of(alice), return_url="http://localhost/", now=MARCH_17)
    order.refresh_from_db()
    assert (attempt.state, bool(attempt.refusal)) == ("failed", True)
    assert (order.state, codes(alice)) == (Order.State.OPEN, ["premium"])


def test_a_quote_that_expired_charges_nobody_and_shows_the_new_price(world, catalogue, alice):
    quote = world.quote(alice, catalogue.business, now=MARCH_17)
    with pytest.raises(QuoteStale) as stale:
        confirm(quote=quote, user=alice.customer.user, now=MARCH_17 + timedelta(minutes=15))
    assert stale.value.reason == "expired"
    assert (quote.price.due_now, stale.value.fresh.price.due_now) == (7548, 7549)
    assert Payment.objects.count() == 1


def test_a_price_edited_between_quote_and_confirm_charges_nobody(world, catalogue, alice):
    quote = world.quote(alice, catalogue.business, now=MARCH_17)
    old = Price.objects.get(product=catalogue.business, interval_unit="month")
    old.superseded_at = timezone.now()
    old.save()
    Price.objects.create(product=catalogue.business, currency="EUR", interval_unit="month", amount=9900)
    with pytest.raises(QuoteStale) as stale:
        confirm(quote=quote, user=alice.customer.user, now=MARCH_17)
    assert (stale.value.reason, stale.value.fresh.price.due_now) == ("price_changed", 9900 - 1452)


def test_a_plan_withdrawn_between_quote_and_confirm_cannot_be_had(world, catalogue, alice):
    quote = world.quote(alice, catalogue.business, now=MARCH_17)
    catalogue.business.is_active = False
    catalogue.business.save()
    with pytest.raises(QuoteStale) as stale:
        confirm(quote=quote, user=alice.customer.user, now=MARCH_17)
    assert (stale.value.reason, stale.value.fresh) == ("plan_not_offered", None)


def test_a_plan_of_another_family_is_refused_by_the_server(world, catalogue, alice):
    with pytest.raises(SelectionRefused) as refused:
        world.quote(alice, catalogue.basic, now=MARCH_17)
    assert (refused.value.code, refused.value.field) == ("plan_not_offered", "plan")


def test_no_change_cannot_be_confirmed(world, catalogue, alice):
    with pytest.raises(NothingToConfirm):
        confirm(
            quote=world.quote(alice, catalogue.premium, now=MARCH_17), user=alice.customer.user, now=MARCH_17
        )


def test_a_tampered_quote_row_charges_nobody(world, catalogue, alice):
    quote = world.quote(alice, catalogue.business, now=MARCH_17)
    quote.result = {**quote.result, "due_now": 1}
    quote.save()
    with pytest.raises(QuoteStale) as stale:
        confirm(quote=quote, user=alice.customer.user, now=MARCH_17)
    assert stale.value.reason == "price_changed"


def test_an_order_given_up_can_no_longer_be_paid(world, catalogue, bob):
    order = world.orders(bob, catalogue.premium, now=MARCH_17)
    attempt = world.opens_the_page(order, now=MARCH_17)
    order = give_up(order=order, state=Order.State.CANCELLED, now=MARCH_17)
    assert (order.state, world.gateway.pay(attempt.gateway_ref)["outcome"]) == ("cancelled", "expired")
    assert world.orders(bob, catalogue.business, now=MARCH_17).state == Order.State.OPEN


def test_giving_up_an_order_that_was_paid_meanwhile_fulfils_it(world, catalogue, bob):
    order = world.orders(bob, catalogue.premium, now=MARCH_17)
    world.gateway.pay(world.opens_the_page(order, now=MARCH_17).gateway_ref)
    order = give_up(order=order, state=Order.State.CANCELLED, now=MARCH_17)
    assert (order.state, codes(bob)) == ("fulfilled", ["premium"])


def test_money_for_a_membership_that_has_moved_on_becomes_wallet_credit_once(world, catalogue, bob):
    order = world.orders(bob, catalogue.premium, now=MARCH_17)
    world.gateway.pay(world.opens_the_page(order, now=MARCH_17).gateway_ref)
    Membership.objects.filter(pk=bob.pk).update(revision=99)
    for _ in range(3):
        order = reconcile(order=order, now=MARCH_17)
    assert (order.state, codes(bob)) == ("credited", ["free"])
    assert [(entry.amount, entry.reason) for entry in WalletEntry.objects.all()] == [(3000, "late_payment")]


def test_the_sweep_finds_a_paid_order_that_nobody_applied(world, catalogue, bob):
    order = world.orders(bob, catalogue.premium, now=timezone.now())
    attempt = world.opens_the_page(order, now=MARCH_17)
    world.gateway.pay(attempt.gateway_ref)
    Attempt.objects.filter(pk=attempt.pk).update(state="succeeded", finished_at=MARCH_17)
    Payment.objects.filter(pk=order.payment_id).update(state="paid", captured=3000, settled_at=MARCH_17)
    tasks.sweep_orders()
    assert codes(bob) == ["premium"]


def test_a_downgrade_applies_at_the_end_of_the_period_and_is_billed_then(world, catalogue, alice):
    world.pays(world.orders(alice, catalogue.business, now=MARCH_1), now=MARCH_1)
    world.orders(alice, catalogue.premium, now=MARCH_17)
    assert renew(membership_id=alice.pk, now=APRIL_1 - timedelta(seconds=1)) is None
    order = renew(membership_id=alice.pk, now=APRIL_1)
    assert (order.state, order.payment.amount, codes(alice)) == ("fulfilled", 3000, ["premium"])
    assert alice.scheduled_changes.get().state == ScheduledChange.State.APPLIED
    assert world.fresh(alice).period_end == MAY_1
    assert renew(membership_id=alice.pk, now=APRIL_1) is None


def test_a_downgrade_to_free_ends_the_period_and_costs_nothing(world, catalogue, alice):
    world.orders(alice, catalogue.free, now=MARCH_17)
    order = renew(membership_id=alice.pk, now=APRIL_1)
    alice = world.fresh(alice)
    assert (order.state, order.payment, codes(alice), alice.period) == ("fulfilled", None, ["free"], None)


def test_keeping_the_plan_takes_the_downgrade_back(world, catalogue, alice):
    world.orders(alice, catalogue.free, now=MARCH_17)
    assert keep_plan(membership=world.fresh(alice), actor=alice.customer.user, now=MARCH_17) is True
    assert keep_plan(membership=world.fresh(alice), actor=alice.customer.user, now=MARCH_17) is False
    renew(membership_id=alice.pk, now=APRIL_1)
    assert codes(alice) == ["premium"]


def test_an_upgrade_clears_a_scheduled_downgrade(world, catalogue, alice):
    world.orders(alice, catalogue.free, now=MARCH_17)
    world.pays(world.orders(alice, catalogue.business, now=MARCH_17), now=MARCH_17)
    assert alice.scheduled_changes.get().state == ScheduledChange.State.CANCELLED


def test_a_renewal_that_is_declined_makes_the_membership_past_due_and_paying_heals_it(
    world, catalogue, alice
):
    world.gateway.change_card(world.card_of(alice).gateway_ref, card=SAVED_THEN_DECLINED)
    order = renew(membership_id=alice.pk, now=APRIL_1)
    assert (order.state, world.fresh(alice).state, codes(alice)) == ("open", "past_due", ["premium"])
    assert world.quote(alice, catalogue.business, now=APRIL_1).price.kind == "blocked"

    order = world.pays(order, now=APRIL_1)

    alice = world.fresh(alice)
    assert (order.state, alice.state, alice.period_start) == ("fulfilled", "active", APRIL_1)


def test_a_renewal_without_a_card_waits_for_the_customer(world, catalogue, alice):
    alice.customer.payment_methods.all().delete()
    order = renew(membership_id=alice.pk, now=APRIL_1)
    assert (order.state, world.fresh(alice).state) == ("open", "past_due")


def test_a_free_membership_never_renews_nor_expires(world, catalogue, bob):
    assert renew(membership_id=bob.pk, now=datetime(2036, 1, 1, tzinfo=UTC)) is None
    assert world.fresh(bob).state == "active"


def test_a_package_bought_mid_period_is_credited_for_what_is_left_of_it(world, catalogue, alice):
    world.pays(
        world.orders(alice, catalogue.premium, now=MARCH_17, addons={catalogue.visits: 1}), now=MARCH_17
    )
    quote = world.quote(alice, catalogue.business, now=datetime(2026, 3, 25, tzinfo=UTC))
    given_back = {line.product: line.net for line in quote.price.lines if line.type == "credit"}
    assert given_back == {"premium": -677, "unlimited-visits": -113}


def test_a_package_that_is_no_longer_sold_may_stay_with_the_plan_but_not_go_to_another(
    world, catalogue, alice
):
    world.pays(
        world.orders(alice, catalogue.premium, now=MARCH_17, addons={catalogue.visits: 1}), now=MARCH_17
    )
    catalogue.visits.is_active = False
    catalogue.visits.save()
    kept = world.quote(
        alice, catalogue.premium, now=MARCH_17, addons={catalogue.visits: 1, catalogue.disk: 1}
    )
    assert [line.product for line in kept.price.lines] == ["extra-disk"]
    with pytest.raises(SelectionRefused) as refused:
        world.quote(alice, catalogue.business, now=MARCH_17, addons={catalogue.visits: 1})
    assert refused.value.code == "addon_not_offered"
