"""Money that goes back in part, comes in part, or is less for a while: to the cent, and the books stay silent."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import User
from checkout.models import Order
from checkout.operations.books import what_is_wrong
from checkout.operations.pay import reconcile
from checkout.operations.transfer import await_transfer
from memberships.models import InvoiceLine, Membership, Payment
from memberships.operations.refunds import refund
from memberships.operations.transfers import record_receipt, transfer_instructions
from tests.factories.catalogue import Catalogue, discount
from tests.factories.world import World

MARCH_1 = datetime(2026, 3, 1, tzinfo=UTC)
MARCH_11 = datetime(2026, 3, 11, tzinfo=UTC)
MARCH_17 = datetime(2026, 3, 17, tzinfo=UTC)
APRIL_1 = datetime(2026, 4, 1, tzinfo=UTC)
APRIL_3 = datetime(2026, 4, 3, tzinfo=UTC)
APRIL_6 = datetime(2026, 4, 6, tzinfo=UTC)
APRIL_9 = datetime(2026, 4, 9, tzinfo=UTC)
MAY_1 = datetime(2026, 5, 1, tzinfo=UTC)
JUNE_1 = datetime(2026, 6, 1, tzinfo=UTC)
JULY_1 = datetime(2026, 7, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def the_books_are_silent(world: World) -> Iterator[None]:
    yield
    assert list(what_is_wrong(now=JULY_1 if world.today == JULY_1 else APRIL_9 + timedelta(hours=1))) == []


@pytest.fixture
def alice(world: World, catalogue: Catalogue) -> Membership:
    """Member of Premium (30.00) for the whole of March 2026."""
    return world.signs_up("alice", catalogue.premium, now=MARCH_1)


def bills(membership: Membership) -> list[tuple[str, int]]:
    """The day and the amount of each bill, first to last."""
    return [(f"{bill.issued_at:%Y-%m-%d}", bill.due) for bill in membership.invoices.order_by("id")]


def test_an_upgrade_after_a_part_refund_credits_what_was_really_paid(world, catalogue, alice, staff):
    back = refund(payment=alice.payments.get(), amount=1000, reason="Two bad days", actor=staff, now=MARCH_11)
    assert (back.state, back.credit_note.total) == ("succeeded", -1000)
    upgrade = world.orders(alice, catalogue.business, now=MARCH_17)
    assert [(line.product, line.net) for line in upgrade.quote.price.lines] == [
        ("business", 9000),
        ("premium", -968),  # (30.00 - 10.00) x 15/31 = 9.677
    ]
    assert upgrade.payment.amount == 8032
    assert world.pays(upgrade, now=MARCH_17).state == "fulfilled"
    invoice = alice.invoices.get(payment=upgrade.payment)
    assert (invoice.net, invoice.due) == (8032, 8032)
    assert world.gateway.state()["charges"]["succeeded"] == 2


def test_a_renewal_that_is_transferred_in_two_parts_continues_where_the_period_ended(
    world, alice, staff: User
):
    alice.customer.payment_methods.all().delete()
    world.walk(APRIL_1, APRIL_3)
    assert world.fresh(alice).state == "past_due"
    order = await_transfer(order=Order.objects.open().select_related("payment").get(), now=APRIL_3)
    payment = Payment.objects.get(order=order)

    def arrives(amount: int, *, now: datetime) -> tuple[str, str, int]:
        """Staff enter it: how the order and the membership then stand, and what is still missing."""
        record_receipt(
            payment=payment, amount=amount, received_at=now, bank_reference=f"NL-{amount}", actor=staff,
            now=now,
        )  # fmt: skip
        state = reconcile(order=order, now=now).state
        return state, world.fresh(alice).state, transfer_instructions(payment).amount

    assert arrives(1200, now=APRIL_6) == ("open", "past_due", 1800)
    assert arrives(1800, now=APRIL_9) == ("fulfilled", "active", 0)
    renewed = world.fresh(alice)
    assert (renewed.period_start, renewed.period_end) == (APRIL_1, MAY_1)
    lines = InvoiceLine.objects.filter(invoice__membership=alice).order_by("id")
    assert list(lines.values_list("covers_start", "covers_end")) == [(MARCH_1, APRIL_1), (APRIL_1, MAY_1)]
    assert bills(alice) == [("2026-03-01", 3000), ("2026-04-09", 3000)]
    assert alice.wallet_entries.balance() == 0
    world.a_day(APRIL_9)
    assert Order.objects.open().count() == 0


def test_a_code_for_three_periods_is_used_up_before_the_third_of_four_renewals(world, catalogue):
    discount("WELCOME20", percent=20, periods=3)
    carol = world.signs_up("carol", catalogue.premium, now=MARCH_1, code="WELCOME20")
    left = []
    for day in (APRIL_1, MAY_1, JUNE_1, JULY_1):
        world.a_day(day)
        left.append(carol.discount_uses.get().terms["periods_left"])
    assert bills(carol) == [
        ("2026-03-01", 2400),
        ("2026-04-01", 2400),
        ("2026-05-01", 2400),
        ("2026-06-01", 3000),
        ("2026-07-01", 3000),
    ]
    assert left == [1, 0, 0, 0]
    use = carol.discount_uses.get()
    assert (use.state, use.settled_at) == ("ended", MAY_1)
