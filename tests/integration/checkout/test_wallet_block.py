"""The wallet on the Account page: why it moved, and what was left each time."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from memberships.models import WalletEntry
from tests.integration.checkout.reading import text_of

pytestmark = pytest.mark.django_db
MARCH_1 = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def url(alice):
    return f"/account/{alice.uid}/"


@pytest.fixture
def entries(alice):
    """Fifty cents a day, for as many days."""

    def entries(days: int) -> None:
        WalletEntry.objects.bulk_create(
            WalletEntry(
                membership=alice, amount=50, reason=WalletEntry.Reason.ADJUSTMENT, note=f"Gift {n}",
                reference=f"gift-{n}", created_at=MARCH_1 + timedelta(hours=n),
            )
            for n in range(1, days + 1)
        )  # fmt: skip

    return entries


def test_each_entry_says_why_in_the_words_of_who_made_it_and_what_was_left(alice, browser, url, entries):
    entries(2)
    shown = text_of(browser.get(url))
    assert "Wallet €1.00 It pays for your bills, before your card does." in shown
    assert "Date What Amount Balance 1 March 2026 Gift 2 €0.50 €1.00 1 March 2026 Gift 1 €0.50 €0.50" in shown


def test_a_debt_says_when_it_is_collected(alice, browser, url):
    WalletEntry.objects.create(
        membership=alice, amount=-30, reason=WalletEntry.Reason.CARRIED, reference="x", created_at=MARCH_1
    )
    assert "Wallet -€0.30 This goes onto your next bill." in text_of(browser.get(url))


def test_a_long_wallet_is_paged_and_its_balances_run_on(browser, url, entries):
    entries(45)
    pages = (text_of(browser.get(f"{url}?wallet={page}")) for page in (1, 2, 3))
    first, second, third = (page.rsplit("Wallet €22.50", 1)[1] for page in pages)
    assert ("Gift 26 €0.50 €13.00" in first, "Gift 25 " in first) == (True, False)
    assert ("Gift 25 €0.50 €12.50" in second, "Gift 6 €0.50 €3.00" in second) == (True, True)
    assert ("Gift 5 €0.50 €2.50" in third, "Gift 1 €0.50 €0.50" in third) == (True, True)
    assert ("Older" in first, "Newer" in first) == (True, False)
    assert ("Older" in second, "Newer" in second) == (True, True)
    assert ("Older" in third, "Newer" in third) == (False, True)


@pytest.mark.parametrize("page", ["0", "-1", "99", "1e3", "x", "9999999999"])
def test_a_page_that_is_none_shows_the_first(browser, url, entries, page):
    entries(25)
    assert "Gift 25 €0.50 €12.50" in text_of(browser.get(f"{url}?wallet={page}"))


def test_a_long_wallet_takes_the_queries_of_a_short_one(alice, browser, url, entries):
    entries(20)  # which fill the story, too
    browser.get(url)
    with CaptureQueriesContext(connection) as short:
        browser.get(url)
    WalletEntry.objects.all().delete()
    entries(45)
    with CaptureQueriesContext(connection) as long:
        browser.get(url)
    assert len(long) == len(short)
