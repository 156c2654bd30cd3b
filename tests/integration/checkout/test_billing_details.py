"""Billing details: what customers say of themselves, and what it changes."""

from datetime import UTC, datetime

import pytest

from checkout.models import Order
from memberships.models import Customer
from tests.integration.checkout.reading import text_of

pytestmark = pytest.mark.django_db
MARCH_17 = datetime(2026, 3, 17, tzinfo=UTC)
DETAILS = {
    "name": "Max Keller",
    "company": "Keller GmbH",
    "address": " Hauptstraße 5 \r\n\r\n10115 Berlin",
    "country": "DE",
    "vat_number": "de 136 695 976",
}


@pytest.fixture
def url(alice):
    return f"/account/{alice.uid}/billing-details/"


@pytest.fixture(autouse=True)
def seller(settings):
    settings.SELLER_COUNTRY = "NL"


def test_what_is_saved_stands_on_the_account_page_as_on_bills(browser, alice, url):
    answer = browser.post(url, DETAILS)
    assert answer.url == f"/account/{alice.uid}/#details"
    shown = text_of(browser.get(f"/account/{alice.uid}/"))
    assert "Your billing details are saved." in shown
    assert "Keller GmbH Max Keller Hauptstraße 5 10115 Berlin Germany VAT number DE136695976" in shown


def test_the_form_shows_what_is_known(browser, alice, url):
    Customer.objects.update(company="Keller GmbH", country="DE")
    page = browser.get(url).content.decode()
    assert 'value="Keller GmbH"' in page
    assert '<option value="DE" selected>Germany</option>' in page
    assert 'value="Alice"' in page


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": ""}, "This field is required."),
        ({"vat_number": "DE136695977"}, "This is not a VAT number of this country: Germany."),
        ({"country": ""}, "Choose the country of this VAT number."),
        ({"country": "QQ"}, "Select a valid choice. QQ is not one of the available choices."),
        ({"address": "\n".join("1234567")}, "An address has 6 lines at most."),
        ({"company": "x" * 121}, "Ensure this value has at most 120 characters (it has 121)."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_typed_is_lost(browser, alice, url, wrong, said):
    answer = browser.post(url, DETAILS | wrong)
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert 'value="Max Keller"' in answer.content.decode() or "name" in wrong
    assert "10115 Berlin" in answer.content.decode() or "address" in wrong
    assert Customer.objects.get().company == ""


def test_another_country_or_number_makes_prices_shown_before_stale(world, catalogue, browser, alice, url):
    quote = world.quote(alice, catalogue.business, now=MARCH_17)
    revision = world.fresh(alice).revision
    browser.post(url, DETAILS | {"country": "", "vat_number": ""})
    assert world.fresh(alice).revision == revision
    browser.post(url, DETAILS)
    assert world.fresh(alice).revision == revision + 1 == quote.revision + 1


def test_country_and_number_stay_while_something_is_to_be_paid(world, catalogue, browser, alice, url):
    order: Order = world.orders(alice, catalogue.business, now=MARCH_17)
    answer = browser.post(url, DETAILS)
    assert answer.status_code == 422
    assert "Something is still to be paid, with the tax of your present country." in text_of(answer)
    assert browser.post(url, DETAILS | {"country": "", "vat_number": ""}).status_code == 302
    order.refresh_from_db()
    assert order.state == Order.State.OPEN
    assert Customer.objects.get().company == "Keller GmbH"


def test_nobody_else_sees_or_changes_them(world, signed_in, url):
    stranger = signed_in(world.person("mallory"))
    assert (stranger.get(url).status_code, stranger.post(url, DETAILS).status_code) == (404, 404)
    assert Customer.objects.get().company == ""
