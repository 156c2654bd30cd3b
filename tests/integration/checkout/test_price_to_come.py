"""A price that changes at a renewal, as its member sees it."""

from datetime import UTC, datetime

import pytest

from memberships.operations.price_campaigns import draft_campaign, publish_campaign
from tests.factories.catalogue import MONTH
from tests.integration.checkout.reading import text_of

pytestmark = pytest.mark.django_db
MARCH_10 = datetime(2026, 3, 10, tzinfo=UTC)
MARCH_17 = datetime(2026, 3, 17, tzinfo=UTC)
APRIL_1 = datetime(2026, 4, 1, tzinfo=UTC)
APRIL_10 = datetime(2026, 4, 10, tzinfo=UTC)


@pytest.fixture
def dearer(alice, catalogue):
    """Premium costs 35.00 for its members from the given day on."""

    def announce(day: datetime) -> None:
        price = catalogue.premium.prices.current().get(interval_unit=MONTH)
        campaign = draft_campaign(
            from_price=price, amount=3500, starts_at=day, message="", actor=None, now=MARCH_10
        )
        publish_campaign(campaign=campaign, actor=None, now=MARCH_10)

    return announce


def test_the_account_page_says_from_when_and_what_the_bill_will_be(dearer, alice, browser):
    dearer(APRIL_10)
    shown = text_of(browser.get(f"/account/{alice.uid}/"))
    assert (
        "A new price from 1 May 2026 Premium costs €35.00 per month from then on, in place of €30.00 per month."
        " Your bill of that day: €35.00." in shown
    )
    assert "Next bill €30.00 on 1 April 2026" in shown


def test_the_next_bill_asks_it_when_its_day_comes_before(dearer, alice, browser):
    dearer(APRIL_1)
    shown = text_of(browser.get(f"/account/{alice.uid}/"))
    assert "A new price from 1 April 2026" in shown
    assert "Next bill €35.00 on 1 April 2026" in shown


def test_a_change_made_meanwhile_shows_the_bill_as_it_will_be(dearer, alice, browser, catalogue):
    dearer(APRIL_1)
    page = browser.get(
        f"/account/{alice.uid}/change/summary/",
        {"plan": catalogue.premium.uid, "period": "month-1", "extra": catalogue.disk.uid},
    )
    assert "Next bill on 1 April 2026 €39.00" in text_of(page)


def test_a_price_that_stays_is_not_spoken_of(alice, browser):
    assert "A new price from" not in text_of(browser.get(f"/account/{alice.uid}/"))


def test_it_takes_the_page_no_more_queries(dearer, alice, browser, django_assert_num_queries):
    url = f"/account/{alice.uid}/"
    browser.get(url)
    with django_assert_num_queries(27):
        browser.get(url)
    dearer(APRIL_10)
    with django_assert_num_queries(27):
        browser.get(url)
