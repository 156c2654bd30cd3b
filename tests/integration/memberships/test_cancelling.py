"""A membership ends: planned, at once, with the unused part back; and what stands in the way."""

from datetime import UTC, datetime

import pytest
import time_machine

from checkout.models import Order
from checkout.receivers import drop_what_an_ended_membership_waited_for
from memberships.models import Membership, Refund
from memberships.models.membership import TransitionNotAllowed
from memberships.operations.lifecycle import (
    PaymentUnderWay,
    cancel_at_period_end,
    cancel_now,
    expire,
)
from memberships.operations.refunds import reconcile_refund
from memberships.operations.unused import unused_credit
from memberships.operations.wallet import adjust

MARCH_1 = datetime(2026, 3, 1, tzinfo=UTC)
MARCH_17 = datetime(2026, 3, 17, tzinfo=UTC)
APRIL_1 = datetime(2026, 4, 1, tzinfo=UTC)
SAVED_THEN_DECLINED = "4000000000000341"


@pytest.fixture
def alice(world, catalogue) -> Membership:
    """Member of Premium (30.00) for the whole of March 2026."""
    return world.signs_up("alice", catalogue.premium, now=MARCH_1)


@pytest.fixture
def end(staff):
    """End a membership at once on 17 March."""

    def end(membership: Membership, *, refund: bool = False, now: datetime = MARCH_17) -> None:
        cancel_now(membership=membership, actor=staff, reason="Asked by phone", refund=refund, now=now)

    return end


def given_back(membership: Membership) -> list[tuple[int, str]]:
    refunds = Refund.objects.filter(payment__membership=membership).order_by("id")
    return [(refund.amount, refund.state) for refund in refunds]


def test_ended_at_once_without_a_refund(world, alice, end, staff):
    end(alice)
    alice = world.fresh(alice)
    assert (alice.state, alice.ended_at) == ("cancelled", MARCH_17)
    move = alice.transitions.get(kind="cancelled")
    assert (move.actor, move.reason, move.came_from) == (staff, "Asked by phone", "active")
    assert (given_back(alice), alice.notices.filter(kind="cancelled").count()) == ([], 1)


def test_the_unused_part_goes_back_to_the_card_with_its_credit_note(world, alice, end):
    assert unused_credit(alice, now=MARCH_17) == 1452  # 30.00 × 15 / 31
    end(alice, refund=True)
    assert given_back(alice) == [(1452, "succeeded")]
    note = alice.invoices.get(type="credit_note")
    assert (note.net + note.tax, note.refunded, note.corrects) == (
        -1452,
        1452,
        alice.invoices.get(type="invoice"),
    )
    assert world.fresh(alice).state == "cancelled"


def test_what_was_paid_from_the_wallet_goes_back_there(world, alice, end, staff):
    adjust(membership=alice, amount=2000, note="Sorry", actor=staff, reference="gift", now=MARCH_17)
    world.a_day(APRIL_1)
    end(world.fresh(alice), refund=True, now=datetime(2026, 4, 16, tzinfo=UTC))
    # of the 30.00 a half is unused, and 10.00 of it came from the card
    assert given_back(alice) == [(1000, "succeeded")]
    assert alice.wallet_entries.balance() == 500
    notes = alice.invoices.filter(type="credit_note")
    assert sorted((note.refunded, note.wallet_added) for note in notes) == [(0, 500), (1000, 0)]


def test_after_an_upgrade_the_card_gets_what_this_period_took_and_the_credit_of_before_goes_to_the_wallet(
    world, catalogue, alice, end
):
    world.pays(world.orders(alice, catalogue.business, now=MARCH_17), now=MARCH_17)
    end(world.fresh(alice), refund=True)
    assert given_back(alice) == [(7548, "succeeded")]
    assert alice.wallet_entries.balance() == 9000 - 7548


def test_a_refund_whose_answer_was_lost_is_finished_by_the_sweep(world, alice, end):
    world.gateway.control(fail_next={"kind": "timeout_after", "path": "/v1/refunds"})
    end(alice, refund=True)
    refund = Refund.objects.get()
    assert (world.fresh(alice).state, refund.state) == ("cancelled", "started")
    reconcile_refund(refund=refund, now=MARCH_17)
    assert given_back(alice) == [(1452, "succeeded")]


def test_in_a_trial_nothing_was_paid_and_nothing_goes_back(world, catalogue, end):
    catalogue.business.prices.update(trial_days=14)
    carol = world.comes("carol", now=MARCH_1)
    world.orders(carol, catalogue.business, now=MARCH_1)
    end(world.fresh(carol), refund=True, now=datetime(2026, 3, 5, tzinfo=UTC))
    assert (world.fresh(carol).state, given_back(carol)) == ("cancelled", [])


def test_a_change_that_waits_for_its_money_is_closed_with_the_membership(world, catalogue, alice, end):
    order = world.orders(alice, catalogue.business, now=MARCH_17)
    attempt = world.opens_the_page(order, now=MARCH_17)
    end(alice)
    drop_what_an_ended_membership_waited_for(None, membership_id=alice.pk, now=MARCH_17)
    order.refresh_from_db()
    assert (order.state, world.gateway.pay(attempt.gateway_ref)["outcome"]) == ("cancelled", "expired")
    assert world.fresh(alice).state == "cancelled"


def test_at_the_end_of_the_period_it_is_not_planned_while_money_may_still_come(world, catalogue, alice):
    world.orders(alice, catalogue.business, now=MARCH_17)
    with pytest.raises(PaymentUnderWay):
        cancel_at_period_end(membership=alice, actor=None, reason="", now=MARCH_17)


def test_what_has_ended_cannot_end_again(world, alice, end):
    end(alice)
    for again in (end, lambda it: cancel_at_period_end(membership=it, actor=None, reason="", now=MARCH_17)):
        with pytest.raises(TransitionNotAllowed):
            again(world.fresh(alice))
    assert alice.notices.filter(kind="cancelled").count() == 1


def test_only_an_overdue_membership_whose_bill_is_closed_expires(world, alice):
    assert expire(membership=alice, now=APRIL_1) is False
    world.gateway.change_card(world.card_of(alice).gateway_ref, card=SAVED_THEN_DECLINED)
    world.a_day(APRIL_1)
    assert expire(membership=world.fresh(alice), now=APRIL_1) is False
    assert world.fresh(alice).state == "past_due"


# The desk


def address(membership: Membership) -> str:
    return f"/admin/memberships/membership/{membership.pk}/cancel/"


@pytest.fixture
def in_march():
    with time_machine.travel(MARCH_17, tick=False):
        yield


def test_the_desk_shows_what_is_unused_and_ends_a_membership_with_it_back(world, alice, desk, in_march):
    page = desk.get(address(alice)).content.decode()
    assert "€14.52" in page
    assert "On 1 April 2026; it can be taken back until then" in page
    answer = desk.post(address(alice), {"when": "now", "refund": "on", "reason": "Asked by phone"})
    assert answer.status_code == 302
    assert (world.fresh(alice).state, given_back(alice)) == ("cancelled", [(1452, "succeeded")])


def test_the_desk_plans_an_end(world, alice, desk, staff, in_march):
    desk.post(address(alice), {"when": "later", "reason": "Asked by phone"})
    change = alice.scheduled_changes.get()
    assert (change.effective_at, change.actor, change.reason) == (APRIL_1, staff, "Asked by phone")


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"when": "now"}, "reason"),
        ({"when": "never", "reason": "x"}, "when"),
        ({"when": "later", "refund": "on", "reason": "x"}, "refund"),
    ],
)
def test_the_desk_says_what_is_missing(alice, desk, in_march, typed, field):
    page = desk.post(address(alice), typed)
    assert (page.status_code, list(page.context["form"].errors)) == (422, [field])


def test_the_desk_cannot_plan_an_end_while_a_bill_waits(world, catalogue, alice, desk, in_march):
    world.orders(alice, catalogue.business, now=MARCH_17)
    page = desk.post(address(alice), {"when": "later", "reason": "x"})
    assert (page.status_code, list(page.context["form"].errors)) == (422, ["when"])
    assert Order.objects.open().count() == 1


def test_nobody_without_permission_ends_a_membership(world, alice, client, in_march):
    clerk = world.person("clerk", is_staff=True)
    client.force_login(clerk)
    answer = client.post(address(alice), {"when": "now", "reason": "x"}, headers={"host": "localhost"})
    assert answer.status_code in {302, 403}
    assert world.fresh(alice).state == "active"
