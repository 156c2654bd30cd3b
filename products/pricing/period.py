"""Intervals and periods. A period is half-open, in UTC and counted from its anchor, so that periods tile."""

from calendar import isleap
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction

MONTHS_OF = {"month": 1, "year": 12}
DAYS_OF = {"day": 1, "week": 7}
MICROSECOND = timedelta(microseconds=1)
FEBRUARY = 1
DAYS_OF_MONTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class Unit(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True, eq=False)
class Interval:
    """How often something is billed. 12 months equal 1 year and 7 days equal 1 week."""

    unit: Unit
    count: int = 1

    @property
    def months(self) -> int:
        """Its length in months; 0 when it is counted in days."""
        return self.count * MONTHS_OF.get(self.unit, 0)

    @property
    def days(self) -> int:
        """Its length in days; 0 when it is counted in months."""
        return self.count * DAYS_OF.get(self.unit, 0)

    @property
    def length(self) -> int:
        """Its average length in sixteenths of a day, to compare by: a month is 30.4375 = 487/16 days."""
        return 487 * self.months + 16 * self.days

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Interval):
            return NotImplemented
        return self.months == other.months and self.days == other.days

    def __hash__(self) -> int:
        return hash((self.months, self.days))


@dataclass(frozen=True, slots=True)
class Period:
    """The half-open stretch of time `[start, end)`, both in UTC."""

    start: datetime
    end: datetime

    def __contains__(self, at: datetime) -> bool:
        return self.start <= at < self.end

    def left(self, as_of: datetime) -> int:
        """The microseconds from `as_of` to the end; 0 when it is over."""
        return max((self.end - as_of) // MICROSECOND, 0)

    def unused(self, as_of: datetime) -> Fraction:
        """The exact share of it that lies after `as_of`: (end - as_of) / (end - start), between 0 and 1."""
        length = self.left(self.start)
        return Fraction(min(self.left(as_of), length), length)


def add(anchor: datetime, interval: Interval, times: int = 1) -> datetime:
    """The anchor plus so many intervals. A day that the month does not have becomes its last day."""
    if interval.days:
        return anchor + timedelta(days=interval.days * times)
    year, month_before = divmod(anchor.year * 12 + anchor.month - 1 + interval.months * times, 12)
    last_day = 29 if month_before == FEBRUARY and isleap(year) else DAYS_OF_MONTHS[month_before]
    return anchor.replace(year=year, month=month_before + 1, day=min(anchor.day, last_day))


def first_period(anchor: datetime, interval: Interval) -> Period:
    return Period(anchor, add(anchor, interval))


def nth_period(anchor: datetime, interval: Interval, n: int) -> Period:
    """The n-th period counted from the anchor; the first one has n = 0."""
    return Period(add(anchor, interval, n), add(anchor, interval, n + 1))


def next_period(anchor: datetime, interval: Interval, period: Period) -> Period:
    """The period that follows: it starts where `period` ends, and its own end is counted from the anchor.

    If `period` does not end on the anchor's grid, since it was extended by hand, its end is the new anchor.
    """
    anchor = next_anchor(anchor, interval, period)
    return nth_period(anchor, interval, _intervals_between(anchor, interval, period.end))


def next_anchor(anchor: datetime, interval: Interval, period: Period) -> datetime:
    """What the period that follows is counted from: the same anchor, if `period` ends on its grid, or that end."""
    n = _intervals_between(anchor, interval, period.end)
    return anchor if add(anchor, interval, n) == period.end else period.end


def _intervals_between(anchor: datetime, interval: Interval, at: datetime) -> int:
    """How many intervals have begun after the anchor and until `at`, by days or by the names of the months."""
    if interval.days:
        return (at - anchor) // timedelta(days=interval.days)
    return ((at.year - anchor.year) * 12 + at.month - anchor.month) // interval.months
