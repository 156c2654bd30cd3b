"""Several schedulers, workers and sweeps at the same bills: each is made once and charged once."""

from datetime import UTC, datetime

import pytest

from checkout.operations.bills import collect_bills
from checkout.operations.renew import renew_all
from memberships.models import Attempt, Membership, Notice, Payment
from memberships.operations.collection import reconcile_payment
from tests.factories.at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)
MARCH_1 = datetime(2026, 3, 1, tzinfo=UTC)
APRIL_1 = datetime(2026, 4, 1, tzinfo=UTC)
APRIL_2 = datetime(2026, 4, 2, tzinfo=UTC)
SAVED_THEN_DECLINED = "4000000000000341"


@pytest.fixture
def members(world, catalogue) -> list[Membership]:
    return [world.signs_up(f"member-{n}", catalogue.premium, now=MARCH_1) for n in range(4)]


def test_four_schedulers_with_the_same_batch_bill_and_charge_each_member_once(world, members):
    keys = [member.pk for member in members]
    results = at_once(4, lambda _: renew_all(membership_ids=keys, now=APRIL_1))
    for payment in Payment.objects.filter(state="open"):  # what a run that lost a race left to the sweep
        reconcile_payment(payment=payment, now=APRIL_1)
    assert [result for result in results if isinstance(result, Exception)] == []
    for member in members:
        assert [bill.due for bill in member.invoices.order_by("id")] == [3000, 3000]
        assert world.fresh(member).period_start == APRIL_1
    assert world.gateway.state()["charges"]["succeeded"] == 8


def test_batches_that_overlap_in_another_order_do_not_lock_each_other_out(world, members):
    keys = [member.pk for member in members]
    ways = [keys, keys[::-1], keys[1:], keys[:-1]]
    results = at_once(4, lambda n: renew_all(membership_ids=ways[n], now=APRIL_1))
    assert [result for result in results if isinstance(result, Exception)] == []
    assert Notice.objects.filter(kind="renewed").count() == 4


def test_a_declined_bill_is_tried_again_once_by_four_runs(world, members):
    member = members[0]
    world.gateway.change_card(world.card_of(member).gateway_ref, card=SAVED_THEN_DECLINED)
    renew_all(membership_ids=[member.pk], now=APRIL_1)
    bill = Payment.objects.get(state="open")
    at_once(4, lambda _: collect_bills(payment_ids=[bill.pk], now=APRIL_2))
    assert Attempt.objects.filter(payment=bill).count() == 2
    assert Notice.objects.filter(kind="payment_failed").count() == 2
    bill.refresh_from_db()
    assert bill.failed_tries == 2
