"""Invoices and customers in the network admin."""

from datetime import UTC, datetime

import pytest
from django.db import transaction

from memberships.models import Customer, Invoice, Membership
from memberships.operations.invoicing import issue_credit_note
from tests.factories.catalogue import Catalogue
from tests.factories.world import World
from tests.integration.checkout.reading import text_of

pytestmark = pytest.mark.django_db
MARCH_1 = datetime(2026, 3, 1, tzinfo=UTC)
LIST = "/admin/memberships/invoice/"
DETAILS = {
    "company": "Keller GmbH",
    "address": "Berlin",
    "country": "DE",
    "vat_number": "de136695976",
    **{
        f"{name}-{count}_FORMS": "0"
        for name in ("memberships", "payment_methods")
        for count in ("TOTAL", "INITIAL")
    },
}


@pytest.fixture
def alice(world: World, catalogue: Catalogue) -> Membership:
    return world.signs_up("alice", catalogue.premium, now=MARCH_1)


@pytest.fixture
def note(alice: Membership) -> Invoice:
    with transaction.atomic():
        return issue_credit_note(
            invoice=Invoice.objects.get(), refund_total=1000, reference="r", kind="refund", refunded=1000,
            wallet_added=0, now=MARCH_1,
        )  # fmt: skip


def numbers(page) -> list[str]:
    return [invoice.number for invoice in page.context["cl"].result_list]


def test_invoices_are_found_by_type_year_and_membership(world, catalogue, alice, note, desk):
    bob = world.signs_up("bob", catalogue.premium, now=datetime(2027, 1, 5, tzinfo=UTC))
    assert numbers(desk.get(LIST)) == ["2027-00001", "2026-00002", "2026-00001"]
    assert numbers(desk.get(LIST, {"type__exact": "credit_note"})) == ["2026-00002"]
    assert numbers(desk.get(LIST, {"year": "2026"})) == ["2026-00002", "2026-00001"]
    assert numbers(desk.get(LIST, {"membership__id__exact": bob.pk})) == ["2027-00001"]


def test_what_was_chosen_is_added_up_by_currency(world, catalogue, alice, note, desk):
    assert "All that is chosen, together" not in text_of(desk.get(LIST))
    shown = text_of(desk.get(LIST, {"year": "2026"}))
    assert "All that is chosen, together" in shown
    assert "EUR 2 €20.00 €0.00 €30.00 €10.00" in shown


def test_each_document_leads_to_its_file(note, desk):
    page = desk.get(LIST).content.decode()
    for invoice in Invoice.objects.all():
        assert f'href="/invoices/{invoice.uid}.pdf"' in page
    shown = text_of(desk.get(f"{LIST}{note.pk}/change/"))
    assert "Refund of invoice 2026-00001: Premium, €30.00 × €10.00 / €30.00 = €10.00" in shown


def test_a_document_cannot_be_changed_added_or_deleted(note, desk):
    for address in (f"{LIST}add/", f"{LIST}{note.pk}/delete/"):
        assert desk.post(address, {"post": "yes"}).status_code == 403
    assert desk.post(f"{LIST}{note.pk}/change/", {"number": "1"}).status_code == 403


def test_staff_correct_billing_details_as_customers_do(world, alice, desk):
    page = f"/admin/memberships/customer/{alice.customer_id}/change/"
    revision = world.fresh(alice).revision
    answer = desk.post(page, DETAILS | {"vat_number": "DE1"})
    assert "This is not a VAT number of this country: Germany." in text_of(answer)
    assert desk.post(page, DETAILS).status_code == 302
    customer = Customer.objects.get(pk=alice.customer_id)
    assert (customer.company, customer.country, customer.vat_number) == ("Keller GmbH", "DE", "DE136695976")
    assert (world.fresh(alice).revision, customer.user.name) == (revision + 1, "Alice")
