"""Many issue at the same moment, some of them for nothing: the numbers have neither gap nor double."""

from datetime import UTC, datetime

import pytest
from django.db import transaction

from memberships.models import Invoice
from memberships.operations.invoicing import issue_credit_note
from tests.factories.at_once import at_once
from tests.factories.catalogue import Catalogue
from tests.factories.world import World

pytestmark = pytest.mark.django_db(transaction=True)
MARCH_1 = datetime(2026, 3, 1, tzinfo=UTC)


class NeverMindError(Exception):
    """The transaction that issued is rolled back."""


@pytest.fixture
def invoices(world: World, catalogue: Catalogue) -> list[Invoice]:
    """Four, of 30.00 each."""
    members = [world.signs_up(name, catalogue.premium, now=MARCH_1) for name in ("ann", "bob", "cas", "dee")]
    return [Invoice.objects.get(membership=member) for member in members]


def give_back(invoice: Invoice, amount: int, *, reference: str, never_mind: bool = False) -> Invoice:
    with transaction.atomic():
        note = issue_credit_note(
            invoice=invoice, refund_total=amount, reference=reference, kind="refund", refunded=amount, wallet_added=0,
            now=MARCH_1,
        )  # fmt: skip
        if never_mind:
            raise NeverMindError
    return note


def test_twenty_issuers_at_once_leave_neither_gap_nor_double(invoices):
    results = at_once(
        20, lambda n: give_back(invoices[n % 4], 1, reference=f"refund-{n}", never_mind=n % 5 == 0)
    )
    assert sum(isinstance(result, NeverMindError) for result in results) == 4
    issued = Invoice.objects.order_by("number").values_list("number", flat=True)
    assert list(issued) == [f"2026-{number:05d}" for number in range(1, 21)]


def test_refunds_at_once_give_back_no_more_than_there_was(invoices):
    results = at_once(5, lambda n: give_back(invoices[0], 1000, reference=f"refund-{n}"))
    assert sorted(type(result).__name__ for result in results) == [
        *["Invoice"] * 3,
        *["MoreThanIsLeft"] * 2,
    ]
    assert sum(note.total for note in invoices[0].corrections.all()) == -3000
