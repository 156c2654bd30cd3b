"""Intervals and periods. A period is half-open, in UTC and counted from its anchor, so that periods tile."""

from calendar import isleap
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction

from products.pricing.rounding import WHOLE

MICROSECOND = timedelta(microseconds=1)
NOTHING = timedelta(0)
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
        match self.unit:
            case Unit.YEAR:
                return 12 * self.count
            case Unit.MONTH:
                return self.count
            case _:
                return 0

    @property
    def days(self) -> int:
        """Its length in days; 0 when it is counted in months."""
        match self.unit:
            case Unit.WEEK:
                return 7 * self.count
            case Unit.DAY:
                return self.count
            case _:
                return 0

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

    def unused(self, as_of: datetime, *, since: datetime | None = None) -> Fraction:
        """The exact share of the time from `since` (or the start) to the end that lies after `as_of`."""
        length = self.end - (since or self.start)
        left = self.end - as_of
        if left <= NOTHING:
            return Fraction(0)
        if left >= length:
            return WHOLE
        return Fraction(left // MICROSECOND, length // MICROSECOND)


def add(anchor: datetime, interval: Interval, times: int = 1) -> datetime:
    """The anchor plus so many intervals. A day that the month does not have becomes its last day."""
    if interval.days:
        return anchor + timedelta(days=interval.days * times)
    year, month_before = divmod(anchor.year * 12 + anchor.month - 1 + interval.months * times, 12)
    last_day = 29 if month_before == FEBRUARY and isleap(year) else DAYS_OF_MONTHS[month_before]
    return anchor.replace(year=year, month=month_before + 1, day=min(anchor.day, last_day))


def nth_period(anchor: datetime, interval: Interval, n: int) -> Period:
    """The n-th period counted from the anchor; the first one has n = 0."""
    return Period(add(anchor, interval, n), add(anchor, interval, n + 1))


def next_period(anchor: datetime, interval: Interval, period: Period) -> Period:
    """The period that follows: it starts where `period` ends, and its own end is counted from the anchor.

    A period that does not end on the anchor's grid, since it was extended by hand, is followed by one full
    interval counted from that end.
    """
    n = _intervals_between(anchor, interval, period.end)
    if add(anchor, interval, n) == period.end:
        return nth_period(anchor, interval, n)
    return nth_period(period.end, interval, 0)


def _intervals_between(anchor: datetime, interval: Interval, at: datetime) -> int:
    if interval.days:
        return (at - anchor) // timedelta(days=interval.days)
    return ((at.year - anchor.year) * 12 + at.month - anchor.month) // interval.months
