"""A change at the end of a period, and a promise that cannot be kept: nobody is charged for nothing, or stuck."""

from datetime import UTC, datetime, timedelta

import pytest

from checkout.models import Order, Quote
from checkout.operations.confirm import QuoteStale, confirm
from checkout.operations.fulfil import fulfil
from checkout.operations.pay import pay, reconcile
from checkout.operations.renew import renew
from memberships.models import Membership, Payment, WalletEntry
from products.models import Price
from tests.factories.catalogue import discount

MARCH_1 = datetime(2026, 3, 1, tzinfo=UTC)
MARCH_15 = datetime(2026, 3, 15, tzinfo=UTC)
MARCH_17 = datetime(2026, 3, 17, tzinfo=UTC)
APRIL_1 = datetime(2026, 4, 1, tzinfo=UTC)
MAY_1 = datetime(2026, 5, 1, tzinfo=UTC)
LAST_MINUTE = APRIL_1 - timedelta(minutes=1)
SAVED_THEN_DECLINED = "4000000000000341"


@pytest.fixture
def alice(world, catalogue):
    """On Premium for the whole of March, card saved."""
    return world.signs_up("alice", catalogue.premium, now=MARCH_1)


def codes(membership: Membership) -> list[str]:
    return [item.product.code for item in membership.items.live()]


def breaks(quote: Quote) -> None:
    """The quote no longer gives its price, as after a change of the arithmetic."""
    quote.result = {**quote.result, "kind": "addon"}
    quote.save()


def test_a_change_is_not_confirmed_while_the_renewal_is_due(world, catalogue, alice):
    quote = world.quote(alice, catalogue.business, now=LAST_MINUTE)
    with pytest.raises(QuoteStale) as stale:
        confirm(quote=quote, user=alice.customer.user, now=APRIL_1)
    assert (stale.value.reason, stale.value.fresh) == ("renewal_due", None)
    assert (alice.payments.count(), alice.orders.count()) == (1, 1)


def test_nor_at_the_end_of_a_trial(world, catalogue):
    catalogue.premium.prices.update(trial_days=14)
    tom = world.signs_up("tom", catalogue.premium, now=MARCH_1)
    quote = world.quote(tom, catalogue.business, now=MARCH_15 - timedelta(minutes=1))
    with pytest.raises(QuoteStale) as stale:
        confirm(quote=quote, user=tom.customer.user, now=MARCH_15)
    assert stale.value.reason == "renewal_due"


def test_an_order_that_nobody_has_paid_gives_way_to_the_renewal(world, catalogue, alice):
    discount("TENTH", percent=10)
    order = world.orders(alice, catalogue.business, now=LAST_MINUTE, code="TENTH")
    attempt = world.opens_the_page(order, now=LAST_MINUTE)
    renewal = renew(membership_id=alice.pk, now=APRIL_1)
    order.refresh_from_db()
    assert (order.state, renewal.state, renewal.payment.amount) == ("expired", "fulfilled", 3000)
    assert world.gateway.pay(attempt.gateway_ref)["outcome"] == "expired"
    assert (world.fresh(alice).period_end, alice.discount_uses.get().state) == (MAY_1, "released")


def test_an_order_that_turns_out_to_be_paid_is_carried_out_instead(world, catalogue, alice):
    order = world.orders(alice, catalogue.business, now=LAST_MINUTE)
    world.gateway.pay(world.opens_the_page(order, now=LAST_MINUTE).gateway_ref)
    assert renew(membership_id=alice.pk, now=APRIL_1) is None
    order.refresh_from_db()
    alice = world.fresh(alice)
    assert (order.state, codes(alice), alice.period_start) == ("fulfilled", ["business"], LAST_MINUTE)
    assert world.gateway.state()["charges"]["succeeded"] == 2


def test_an_order_that_cannot_be_closed_is_left_for_the_next_run(world, catalogue, alice):
    order = world.orders(alice, catalogue.business, now=LAST_MINUTE)
    world.opens_the_page(order, now=LAST_MINUTE)
    world.gateway.control(fail_next={"kind": "cut_before", "path": "/v1/checkout/sessions/*"})
    assert renew(membership_id=alice.pk, now=APRIL_1) is None
    order.refresh_from_db()
    assert (order.state, world.fresh(alice).period_end) == ("open", APRIL_1)
    assert renew(membership_id=alice.pk, now=APRIL_1).state == "fulfilled"


@pytest.mark.parametrize("how", ["the arithmetic changed", "a price is gone", "it cannot be read"])
def test_money_for_a_promise_that_cannot_be_kept_becomes_wallet_credit(world, catalogue, alice, how):
    discount("TENTH", percent=10)
    order = world.orders(alice, catalogue.business, now=MARCH_17, code="TENTH")
    match how:
        case "the arithmetic changed":
            breaks(order.quote)
        case "a price is gone":
            Price.objects.filter(product=catalogue.business).delete()
        case _:
            order.quote.scenario["currency"] = "XXX"
            order.quote.save()
    pay(order=order, card=world.card_of(alice), return_url="http://localhost/", now=MARCH_17)
    for _ in range(2):
        order = reconcile(order=order, now=MARCH_17)
    assert (order.state, codes(alice)) == ("credited", ["premium"])
    assert [(entry.amount, entry.reason) for entry in WalletEntry.objects.all()] == [(6648, "late_payment")]
    assert alice.discount_uses.get().state == "released"


def test_a_promise_of_nothing_due_that_cannot_be_kept_is_closed(world, catalogue, alice, monkeypatch):
    quote = world.quote(alice, catalogue.free, now=MARCH_17)
    monkeypatch.setattr("checkout.operations.confirm.fulfil", lambda *, order, now: order)
    order = confirm(quote=quote, user=alice.customer.user, now=MARCH_17)
    breaks(quote)
    assert fulfil(order=order, now=MARCH_17).state == "cancelled"
    assert not alice.scheduled_changes.exists()


def test_a_bill_that_cannot_be_carried_out_is_credited_and_billed_anew_from_the_wallet(
    world, catalogue, alice
):
    world.gateway.change_card(world.card_of(alice).gateway_ref, card=SAVED_THEN_DECLINED)
    bill = renew(membership_id=alice.pk, now=APRIL_1)
    breaks(bill.quote)
    assert world.pays(bill, now=APRIL_1).state == "credited"
    again = renew(membership_id=alice.pk, now=APRIL_1)
    assert (again.state, again.payment, world.fresh(alice).period_end) == ("fulfilled", None, MAY_1)
    assert alice.wallet_entries.balance() == 0
    assert Payment.objects.filter(membership=alice, state="paid").count() == 2
    assert Order.objects.open().count() == 0
