"""Periods through the short months, by hand."""

import pytest

from products.pricing import Interval, Period, Unit, add, next_period, nth_period
from tests.unit.pricing.cases import MARCH, MONTH, YEAR, at


@pytest.mark.parametrize(
    ("anchor", "ends"),
    [
        ("2026-01-29", ["2026-02-28", "2026-03-29", "2026-04-29"]),
        ("2026-01-30", ["2026-02-28", "2026-03-30", "2026-04-30"]),
        ("2026-01-31", ["2026-02-28", "2026-03-31", "2026-04-30"]),
        ("2028-01-29", ["2028-02-29", "2028-03-29", "2028-04-29"]),
        ("2028-01-31", ["2028-02-29", "2028-03-31", "2028-04-30"]),
        ("2026-12-31T23:59:59", ["2027-01-31T23:59:59", "2027-02-28T23:59:59", "2027-03-31T23:59:59"]),
    ],
)
def test_a_month_that_is_too_short_ends_on_its_last_day_and_the_next_is_back(anchor, ends):
    period = nth_period(at(anchor), MONTH, 0)
    seen = [period]
    for _ in ends[1:]:
        seen.append(next_period(at(anchor), MONTH, seen[-1]))
    assert [period.end for period in seen] == [at(end) for end in ends]
    assert [period.start for period in seen] == [at(start) for start in (anchor, *ends[:-1])]


def test_a_year_from_29_february_ends_on_28_february_until_the_next_leap_year():
    ends = [add(at("2028-02-29"), YEAR, n) for n in range(1, 5)]
    assert ends == [at("2029-02-28"), at("2030-02-28"), at("2031-02-28"), at("2032-02-29")]


def test_weeks_and_days_are_counted_in_days():
    assert add(at("2026-02-27"), Interval(Unit.WEEK, 2)) == at("2026-03-13")
    assert next_period(
        at("2026-02-20"), Interval(Unit.DAY, 10), Period(at("2026-03-02"), at("2026-03-12"))
    ) == Period(at("2026-03-12"), at("2026-03-22"))


def test_a_period_that_was_extended_by_hand_is_followed_by_one_full_interval():
    extended = Period(MARCH.start, at("2026-04-06"))
    assert next_period(MARCH.start, MONTH, extended) == Period(at("2026-04-06"), at("2026-05-06"))
