"""Staff give a membership more time: to the cent, once, and the books stay silent."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from checkout.operations.books import what_is_wrong
from memberships.models import Membership
from memberships.operations.extend import NothingToExtend, TooMuchTime, extend
from memberships.operations.lifecycle import PaymentUnderWay, cancel_at_period_end
from memberships.operations.next_bill import next_bill
from memberships.operations.unused import unused_credit

MARCH_1 = datetime(2026, 3, 1, tzinfo=UTC)
MARCH_17 = datetime(2026, 3, 17, tzinfo=UTC)
APRIL_1 = datetime(2026, 4, 1, tzinfo=UTC)
APRIL_11 = datetime(2026, 4, 11, tzinfo=UTC)
APRIL_21 = datetime(2026, 4, 21, tzinfo=UTC)
MAY_11 = datetime(2026, 5, 11, tzinfo=UTC)
MAY_12 = datetime(2026, 5, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def the_books_are_silent(world) -> Iterator[None]:
    yield
    assert list(what_is_wrong(now=world.today or MARCH_17)) == []


@pytest.fixture
def alice(world, catalogue) -> Membership:
    """Member of Premium (30.00) for the whole of March 2026."""
    return world.signs_up("alice", catalogue.premium, now=MARCH_1)


@pytest.fixture
def gives(staff, world):
    def give(membership: Membership, days: int, *, uid: uuid.UUID | None = None) -> Membership:
        extend(
            membership=membership, days=days, reason="Two bad days", actor=staff, uid=uid or uuid.uuid4(),
            now=MARCH_17,
        )  # fmt: skip
        return world.fresh(membership)

    return give


def test_the_period_ends_later_and_the_next_bill_comes_then(world, alice, gives, staff):
    alice = gives(alice, 10)
    assert (alice.period_start, alice.period_end) == (MARCH_1, APRIL_11)
    bill = next_bill(membership=alice, now=MARCH_17)
    assert (bill.due_now, bill.effective_at) == (3000, APRIL_11)
    told = alice.transitions.get(kind="extended")
    assert (told.actor, told.reason, told.headline) == (staff, "Two bad days", "Extended until 11 April 2026")
    row = alice.extensions.get()
    assert (row.ended_at, row.ends_at, row.actor) == (APRIL_1, APRIL_11, staff)
    assert [(each.kind, each.facts) for each in alice.notices.filter(kind="extended")] == [
        ("extended", {"at": "2026-04-11T00:00:00+00:00"})
    ]


def test_no_bill_comes_before_the_new_end_and_the_next_period_is_counted_from_it(world, alice, gives):
    alice = gives(alice, 10)
    world.walk(APRIL_1, MAY_12)
    alice = world.fresh(alice)
    days = [f"{each.issued_at:%m-%d}" for each in alice.invoices.order_by("id")]
    assert days == ["03-01", "04-11", "05-11"]
    assert (alice.period_start, alice.anchor) == (MAY_11, APRIL_11)


def test_time_given_twice_adds_up(world, alice, gives):
    alice = gives(gives(alice, 10), 10)
    assert alice.period_end == APRIL_21
    assert alice.extensions.count() == 2


def test_a_form_sent_twice_gives_the_time_once(world, alice, gives):
    uid = uuid.uuid4()
    alice = gives(gives(alice, 10, uid=uid), 10, uid=uid)
    assert (alice.period_end, alice.extensions.count()) == (APRIL_11, 1)


def test_an_upgrade_gives_credit_for_the_share_that_is_left_of_the_longer_time(
    world, catalogue, alice, gives
):
    alice = gives(alice, 10)  # 41 days, of which 25 are left
    assert unused_credit(alice, now=MARCH_17) == 1829  # 30.00 × 25 / 41
    upgrade = world.orders(alice, catalogue.business, now=MARCH_17)
    assert upgrade.payment.amount == 9000 - 1829
    assert world.pays(upgrade, now=MARCH_17).state == "fulfilled"


def test_a_package_bought_in_the_longer_time_is_billed_to_its_end(world, catalogue, alice, gives):
    alice = gives(alice, 10)
    added = world.orders(alice, catalogue.premium, addons={catalogue.disk: 1}, now=MARCH_17)
    assert world.pays(added, now=MARCH_17).state == "fulfilled"
    alice = world.fresh(alice)
    assert alice.period_end == APRIL_11
    alice = gives(alice, 10)
    assert alice.period_end == APRIL_21


def test_a_planned_end_moves_along(world, alice, gives, staff):
    cancel_at_period_end(membership=alice, actor=staff, reason="", now=MARCH_17)
    alice = gives(alice, 10)
    assert alice.scheduled_changes.get().effective_at == APRIL_11
    world.a_day(APRIL_1)
    assert world.fresh(alice).state == "active"
    world.a_day(APRIL_11)
    assert (world.fresh(alice).state, world.fresh(alice).ended_at) == ("cancelled", APRIL_11)


def test_a_trial_can_be_extended(world, catalogue, gives):
    catalogue.business.prices.update(trial_days=14)
    carol = world.comes("carol", now=MARCH_1)
    world.orders(carol, catalogue.business, now=MARCH_1)
    with pytest.raises(TooMuchTime):
        gives(carol, 0)
    carol = gives(carol, 7)
    assert (carol.trial_end, carol.period_end) == (datetime(2026, 3, 22, tzinfo=UTC), None)


def test_a_quote_of_before_no_longer_holds(world, catalogue, alice, gives):
    quote = world.quote(alice, catalogue.business, now=MARCH_17)
    assert gives(alice, 10).revision == quote.revision + 1


def test_a_free_membership_has_nothing_to_extend(world, catalogue, gives):
    dora = world.signs_up("dora", catalogue.free, now=MARCH_1)
    with pytest.raises(NothingToExtend):
        gives(dora, 10)


def test_while_a_change_waits_for_its_money_nothing_moves(world, catalogue, alice, gives):
    world.orders(alice, catalogue.business, now=MARCH_17)
    with pytest.raises(PaymentUnderWay):
        gives(alice, 10)
    assert (world.fresh(alice).period_end, alice.extensions.count()) == (APRIL_1, 0)
