"""Invoices, credit notes and payment requests on paper."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import translation

from memberships.bills import Bill, BillLine
from memberships.documents.document import Document
from memberships.documents.invoice import invoice_file_name, invoice_pdf
from memberships.models import Invoice, Membership
from memberships.operations.billing_details import change_billing_details
from memberships.operations.invoicing import issue_credit_note
from memberships.parties import Party
from products.models import Discount, TaxRate
from tests.factories.catalogue import Catalogue
from tests.factories.world import World
from tests.pdf import lines_of, pages_of, text_of

MARCH_1 = datetime(2026, 3, 1, tzinfo=UTC)
MARCH_17 = datetime(2026, 3, 17, tzinfo=UTC)


def document(*, name: str = "Alice", lines: int = 1) -> Document:
    line = BillLine(
        label="Premium", amount="€30.00", why="Premium: 1 × €30.00 = €30.00.", dates="1 Mar – 1 Apr 2026"
    )
    return Document(
        title="Invoice",
        number="2026-00001",
        language="en",
        made_at=MARCH_1,
        seller=Party(name="Sitewright", details="Amsterdam"),
        buyer=Party(name=name, details=""),
        facts=(("Number", "2026-00001"),),
        headline="Started Premium",
        bill=Bill(
            entries=(line,) * lines, taxes=(), wallet=(), includes_tax=False, net="€30.00", sum="€30.00",
            total_label="Paid", total="€30.00",
        ),
        total_label="Paid",
    )  # fmt: skip


def test_the_same_document_is_the_same_bytes():
    assert document().pdf() == document().pdf()


def test_names_in_other_alphabets_are_written_and_others_are_marked():
    shown = text_of(document(name="Ελένη Жуков Ağaoğlu 漢字 🎉👩‍👩‍👧\u0000\u202f\ud7ff").pdf())
    assert "Ελένη Жуков Ağaoğlu □□ □□□□ Number" in shown


def test_many_lines_go_over_pages_with_their_heads_and_numbers():
    pdf = document(lines=40).pdf()
    shown = lines_of(pdf)
    assert shown.count("Description") == pages_of(pdf) == 4
    assert shown.count("Premium") == 40
    assert "Page 4 of 4" in text_of(pdf)


def test_a_word_without_an_end_stays_on_the_paper():
    assert text_of(document(name="x" * 120).pdf()).count("x") == 120


def test_a_reader_is_told_the_title_and_the_language():
    pdf = document().pdf()
    assert b"/Lang (en)" in pdf
    assert b"/Title (Invoice 2026-00001)" in pdf
    assert b"/DisplayDocTitle true" in pdf


@pytest.fixture
def alice(world: World, catalogue: Catalogue) -> Membership:
    rate = TaxRate.objects.create(name="High", percent=Decimal(21))
    for plan in (catalogue.premium, catalogue.business):
        plan.tax_rate = rate
        plan.save()
    return world.signs_up("alice", catalogue.premium, now=MARCH_1)


@pytest.mark.django_db
def test_an_invoice_says_who_when_what_why_and_how_much(world, catalogue, alice, settings):
    settings.SELLER_NAME, settings.SELLER_IBAN = "Sitewright B.V.", "NL91ABNA0417164300"
    world.pays(world.orders(alice, catalogue.business, now=MARCH_17), now=MARCH_17)
    invoice = Invoice.objects.latest("id")
    shown = text_of(invoice_pdf(invoice, language="en"))
    for text in (
        "Sitewright B.V. Netherlands IBAN NL91 ABNA 0417 1643 00",
        "Invoice Alice Number 2026-00002 Date 17 March 2026 Paid on 17 March 2026 Payment reference RF",
        "Upgraded Premium → Business Description Tax Amount",
        (
            "Business 17 Mar – 17 Apr 2026 Business: 1 × €90.00 = €90.00, for 17 March 2026 to 17 April 2026. "
            "Tax: 21 % of €90.00 = €18.90. 21 % €90.00"
        ),
        (
            "Credit for unused time: Premium 17 Mar – 1 Apr 2026 Credit for unused time of Premium: €30.00 × 15/31 = "
            "€14.52 back, for the 15 of 31 days left until 1 April 2026. Tax: €6.30 × 15/31 = €3.05 back. 21 % -€14.52"
        ),
        "Subtotal €75.48 Tax 21 % €15.85 Total €91.33 Paid €91.33",
    ):
        assert text in shown


@pytest.mark.django_db
def test_a_discounted_line_shows_its_price_and_what_comes_off(world, catalogue, alice):
    Discount.objects.create(code="HALF", percent=50, created_at=MARCH_1)
    world.signs_up("bob", catalogue.premium, now=MARCH_1, code="HALF")
    shown = text_of(invoice_pdf(Invoice.objects.latest("id"), language="en"))
    assert "Description Price Discount Tax Amount" in shown
    assert "€30.00 -€15.00 21 % €15.00" in shown


@pytest.mark.django_db
def test_an_invoice_in_dutch_explains_in_dutch(alice):
    shown = text_of(invoice_pdf(Invoice.objects.get(), language="nl"))
    assert "1 mrt – 1 apr 2026 Premium: 1 × € 30,00 = € 30,00, voor 1 maart 2026 tot 1 april 2026." in shown


@pytest.mark.django_db
def test_a_credit_note_names_what_it_corrects_and_what_was_refunded(alice):
    with transaction.atomic():
        note = issue_credit_note(
            invoice=Invoice.objects.get(), refund_total=1815, reference="r", kind="refund", refunded=1000,
            wallet_added=815, now=MARCH_17,
        )  # fmt: skip
    shown = text_of(invoice_pdf(note, language="en"))
    for text in (
        "Credit note Alice Number 2026-00002 Date 17 March 2026 Corrects 2026-00001",
        "Refund of 2026-00001 Description",
        (
            "Refund: Premium 1 Mar – 1 Apr 2026 Refund of invoice 2026-00001: Premium, "
            "€30.00 × €18.15 / €36.30 = €15.00, rounded so that all lines add up. "
            "Tax: €6.30 × €18.15 / €36.30 = €3.15. 21 % -€15.00"
        ),
        "Total -€18.15 Stays in your wallet €8.15 Refunded €10.00",
        "This document takes back invoice 2026-00001 of 1 March 2026, in whole or in part.",
    ):
        assert text in shown
    assert invoice_file_name(note, language="en") == "credit-note-2026-00002.pdf"


@pytest.mark.django_db
def test_a_reverse_charged_invoice_says_so(world, catalogue, alice):
    change_billing_details(
        customer=alice.customer, name="Alice", company="Keller GmbH", address="Berlin", country="DE",
        vat_number="DE136695976",
    )  # fmt: skip
    world.pays(world.orders(alice, catalogue.business, now=MARCH_17), now=MARCH_17)
    shown = text_of(invoice_pdf(Invoice.objects.latest("id"), language="en"))
    assert "Keller GmbH Alice Berlin Germany VAT number DE136695976" in shown
    assert (
        "VAT reverse charged: the customer accounts for it (Article 196 of Directive 2006/112/EC)." in shown
    )


@pytest.mark.django_db
def test_an_invoice_stays_the_same_file_in_whatever_language_it_is_asked_for(alice):
    invoice = Invoice.objects.get()
    with translation.override("nl"):
        one = invoice_pdf(invoice, language="en")
    assert one == invoice_pdf(Invoice.objects.get(), language="en")
