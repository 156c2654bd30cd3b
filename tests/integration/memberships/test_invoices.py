"""Invoices and credit notes: their numbers, that nothing changes them, and what they take back."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from checkout.operations.renew import renew
from memberships.models import Invoice, InvoiceCounter, InvoiceLine, Membership
from memberships.operations.billing_details import change_billing_details
from memberships.operations.invoicing import issue_credit_note
from memberships.operations.terms import terms_of
from products.models import TaxRate
from products.pricing.corrections import MoreThanIsLeft
from tests.factories.catalogue import Catalogue
from tests.factories.world import YEARLY, World

pytestmark = pytest.mark.django_db
MARCH_1 = datetime(2026, 3, 1, tzinfo=UTC)
MARCH_17 = datetime(2026, 3, 17, tzinfo=UTC)
APRIL_1 = datetime(2026, 4, 1, tzinfo=UTC)
STREET = ("Keizersgracht 1", "1015 AA Amsterdam")
SELLER = {
    "SELLER_NAME": "Sitewright B.V.",
    "SELLER_ADDRESS": "\n".join(STREET),
    "SELLER_COUNTRY": "NL",
    "SELLER_VAT_NUMBER": "NL004495445B01",
    "SELLER_IBAN": "NL91ABNA0417164300",
    "SELLER_BIC": "ABNANL2A",
}


@pytest.fixture(autouse=True)
def seller(settings):
    for name, value in SELLER.items():
        setattr(settings, name, value)


@pytest.fixture
def taxed(catalogue):
    """The catalogue, with 21 % on its plans."""
    rate = TaxRate.objects.create(name="High", percent=Decimal(21))
    for plan in (catalogue.premium, catalogue.business):
        plan.tax_rate = rate
        plan.save()
    return catalogue


@pytest.fixture
def alice(world: World, taxed: Catalogue) -> Membership:
    return world.signs_up("alice", taxed.premium, now=MARCH_1)


def refund(invoice: Invoice, amount: int, *, reference: str = "refund-1") -> Invoice:
    with transaction.atomic():
        return issue_credit_note(
            invoice=invoice,
            refund_total=amount,
            reference=reference,
            kind="refund",
            refunded=amount,
            wallet_added=0,
            now=MARCH_17,
        )


def figures(invoice: Invoice) -> list[tuple[str, int, int, int, int]]:
    return [
        (line.type, line.gross, line.discount, line.net, line.tax) for line in invoice.lines.order_by("id")
    ]


def test_numbers_follow_each_other_and_begin_anew_with_the_year(world, taxed):
    for name, now in (
        ("ann", datetime(2026, 12, 30, tzinfo=UTC)),
        ("bob", datetime(2026, 12, 31, 23, 59, tzinfo=UTC)),
        ("cas", datetime(2027, 1, 1, tzinfo=UTC)),
    ):
        world.signs_up(name, taxed.premium, now=now)
    assert [invoice.number for invoice in Invoice.objects.order_by("id")] == [
        "2026-00001",
        "2026-00002",
        "2027-00001",
    ]


def test_the_year_turns_where_the_network_is(world, taxed, settings):
    settings.TIME_ZONE = "Europe/Amsterdam"
    world.signs_up("ann", taxed.premium, now=datetime(2026, 12, 31, 23, 30, tzinfo=UTC))
    assert Invoice.objects.get().number == "2027-00001"


def test_an_issue_that_is_rolled_back_leaves_no_gap(alice):
    invoice = Invoice.objects.get()
    with transaction.atomic():
        assert refund(invoice, 100).number == "2026-00002"
        transaction.set_rollback(True)
    assert refund(invoice, 100).number == "2026-00002"
    assert InvoiceCounter.objects.get(year=2026).last == 2


@pytest.mark.parametrize(
    "tamper",
    [
        lambda: Invoice.objects.update(customer_name="Somebody else"),
        lambda: Invoice.objects.all()._raw_delete("default"),
        lambda: InvoiceLine.objects.update(net=1),
        lambda: InvoiceLine.objects.all().delete(),
    ],
)
def test_the_database_refuses_to_change_or_delete_what_was_issued(alice, tamper):
    with pytest.raises(IntegrityError, match="An issued invoice never changes"), transaction.atomic():
        tamper()


def test_a_line_that_comes_later_does_not_add_up(alice):
    line = InvoiceLine.objects.get()
    line.pk = None
    with transaction.atomic():
        line.save()
        with pytest.raises(IntegrityError, match="do not add up"):
            transaction.get_connection().check_constraints()
        transaction.set_rollback(True)


def test_who_sells_and_who_buys_is_kept_as_it_was(world, taxed, settings):
    membership = world.comes("alice", now=MARCH_1)
    change_billing_details(
        customer=membership.customer, name="Alice Smit", company="Smit B.V.", address="Dam 1\nAmsterdam", country="NL",
        vat_number="NL004495445B01",
    )  # fmt: skip
    world.pays(world.orders(membership, taxed.premium, now=MARCH_1), now=MARCH_1)
    settings.SELLER_NAME = "Another B.V."
    invoice = Invoice.objects.get()
    assert (invoice.customer_name, invoice.customer_details) == (
        "Smit B.V.",
        "Alice Smit\nDam 1\nAmsterdam\nNetherlands\nVAT number NL004495445B01",
    )
    assert (invoice.seller_name, invoice.seller_details) == (
        "Sitewright B.V.",
        "\n".join(
            [
                *STREET,
                "Netherlands",
                "VAT number NL004495445B01",
                "IBAN NL91 ABNA 0417 1643 00",
                "BIC ABNANL2A",
            ]
        ),
    )


def test_a_change_below_zero_is_a_credit_note(world, taxed):
    carol = world.signs_up("carol", taxed.premium, now=datetime(2026, 1, 1, tzinfo=UTC), interval=YEARLY)
    world.orders(carol, taxed.business, now=datetime(2026, 2, 1, tzinfo=UTC))
    bill = Invoice.objects.latest("id")
    assert (bill.type, bill.due, bill.wallet_added) == (Invoice.Type.CREDIT_NOTE, 0, -bill.total)


def test_a_full_refund_is_the_exact_mirror(world, taxed, alice):
    world.pays(world.orders(alice, taxed.business, now=MARCH_17), now=MARCH_17)
    invoice = Invoice.objects.latest("id")
    note = refund(invoice, 9133)
    assert figures(invoice) == [("charge", 9000, 0, 9000, 1890), ("credit", -1452, 0, -1452, -305)]
    assert figures(note) == [("charge", -9000, 0, -9000, -1890), ("credit", 1452, 0, 1452, 305)]
    assert (note.type, note.number, note.corrects, note.due, note.refunded) == (
        Invoice.Type.CREDIT_NOTE, "2026-00003", invoice, 0, 9133,
    )  # fmt: skip
    for line, mirrored in zip(invoice.lines.all(), note.lines.all(), strict=True):
        assert mirrored.corrects == line
        assert (mirrored.item, mirrored.covers_start, mirrored.covers_end) == (
            line.item, line.covers_start, line.covers_end,
        )  # fmt: skip


def test_parts_are_refunded_until_nothing_is_left(alice):
    invoice = Invoice.objects.get()
    assert invoice.total == 3630
    assert [figures(refund(invoice, amount, reference=f"r{amount}")) for amount in (1000, 2629, 1)] == [
        [("charge", -826, 0, -826, -174)],
        [("charge", -2173, 0, -2173, -456)],
        [("charge", -1, 0, -1, 0)],
    ]
    with pytest.raises(MoreThanIsLeft):
        refund(invoice, 1, reference="too much")


def test_more_than_was_billed_is_not_given_back(alice):
    with pytest.raises(MoreThanIsLeft):
        refund(Invoice.objects.get(), 3631)


def test_what_was_really_paid_is_less_after_a_refund(alice, world):
    refund(Invoice.objects.get(), 1815)
    (plan,) = terms_of(world.fresh(alice)).items
    assert sum(line["net"] for line in plan.paid_lines) == 1500  # type: ignore[attr-defined]  # annotated


def test_a_credit_note_below_zero_is_taken_back_by_an_invoice(world, taxed):
    carol = world.signs_up("carol", taxed.premium, now=datetime(2026, 1, 1, tzinfo=UTC), interval=YEARLY)
    world.orders(carol, taxed.business, now=datetime(2026, 2, 1, tzinfo=UTC))
    credit = Invoice.objects.latest("id")
    with transaction.atomic():
        bill = issue_credit_note(
            invoice=credit, refund_total=credit.total, reference="undo", kind="undo", refunded=0,
            wallet_added=credit.total, now=MARCH_17,
        )  # fmt: skip
    assert (bill.type, bill.total, bill.wallet_used, bill.due) == (
        Invoice.Type.INVOICE,
        -credit.total,
        -credit.total,
        0,
    )


def test_the_two_ways_of_a_refund_make_up_its_total(alice):
    with pytest.raises(ValueError, match="are not"), transaction.atomic():
        issue_credit_note(
            invoice=Invoice.objects.get(), refund_total=100, reference="r", kind="refund", refunded=50, wallet_added=49,
            now=MARCH_17,
        )  # fmt: skip


def test_a_business_of_another_member_state_pays_without_vat_and_its_bill_says_so(world, taxed):
    membership = world.comes("max", now=MARCH_1)
    become_german(membership)
    world.pays(world.orders(membership, taxed.premium, now=MARCH_1), now=MARCH_1)
    invoice = Invoice.objects.get()
    assert (invoice.net, invoice.tax, invoice.due, invoice.reverse_charge) == (3000, 0, 3000, True)
    assert invoice.lines.get().tax_percent == 0


def test_prices_that_include_tax_are_less_by_it_when_it_is_reverse_charged(world, taxed, settings):
    settings.PRICES_INCLUDE_TAX = True
    membership = world.comes("max", now=MARCH_1)
    become_german(membership)
    world.pays(world.orders(membership, taxed.premium, now=MARCH_1), now=MARCH_1)
    invoice = Invoice.objects.get()
    assert (invoice.net, invoice.tax, invoice.due) == (2479, 0, 2479)  # 30.00 / 1.21


def test_who_becomes_such_a_business_gets_the_tax_back_that_was_paid_and_pays_none_from_now_on(
    world, taxed, alice
):
    become_german(alice)
    world.pays(world.orders(alice, taxed.business, now=MARCH_17), now=MARCH_17)
    invoice = Invoice.objects.latest("id")
    assert figures(invoice) == [("charge", 9000, 0, 9000, 0), ("credit", -1452, 0, -1452, -305)]
    assert [line.tax_percent for line in invoice.lines.all()] == [0, 21]
    assert (invoice.tax, invoice.reverse_charge) == (-305, True)


def test_what_goes_on_is_sold_at_the_new_rate_from_the_next_period(world, alice):
    become_german(alice)
    renew(membership_id=alice.pk, now=APRIL_1)
    invoice = Invoice.objects.latest("id")
    assert figures(invoice) == [("charge", 3000, 0, 3000, 0)]
    assert (invoice.reverse_charge, invoice.lines.get().tax_percent) == (True, Decimal(0))
    assert alice.items.live().get().tax_percent == 0


def become_german(membership: Membership) -> None:
    change_billing_details(
        customer=membership.customer, name="Max", company="Keller GmbH", address="Berlin", country="DE",
        vat_number="DE136695976",
    )  # fmt: skip
