"""Dates as people read them."""

from datetime import UTC, datetime

import pytest
from django.utils import translation

from products.date_display import day, short_day, span
from products.pricing import Period


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.mark.parametrize(
    ("start", "end", "text"),
    [
        (datetime(2026, 3, 17, tzinfo=UTC), datetime(2026, 4, 17, tzinfo=UTC), "17 Mar – 17 Apr 2026"),
        (datetime(2026, 12, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC), "1 Dec 2026 – 1 Jan 2027"),
    ],
)
def test_a_span_says_the_year_twice_only_where_it_differs(start, end, text):
    assert span(Period(start=start, end=end)) == text


def test_a_short_dutch_month_has_no_capital():
    with translation.override("nl"):
        assert short_day(datetime(2026, 3, 17, tzinfo=UTC)) == "17 mrt"


def test_a_day_is_written_out_in_the_readers_language():
    assert day(datetime(2026, 3, 17, tzinfo=UTC)) == "17 March 2026"
    with translation.override("nl"):
        assert day(datetime(2026, 3, 17, tzinfo=UTC)) == "17 maart 2026"
