"""Dates as people read them, in their own language and in the time zone that is active."""

from datetime import datetime

from babel.dates import format_date
from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, to_locale

from products.pricing import Period


def day(at: datetime) -> str:
    """“17 April 2026”."""
    return date_format(timezone.localtime(at), "j F Y")


def short_day(at: datetime) -> str:
    """“17 Apr”, where the year is plain."""
    return _short(at, "d MMM")


def month(at: datetime) -> str:
    """“Apr 2026”."""
    return _short(at, "MMM y")


def span(period: Period) -> str:
    """“17 Mar - 17 Apr 2026” with a long dash, and with both years where they differ."""
    start, end = timezone.localtime(period.start), timezone.localtime(period.end)
    first = _short(start, "d MMM" if start.year == end.year else "d MMM y")
    return f"{first} \N{EN DASH} {_short(end, 'd MMM y')}"


def _short(at: datetime, pattern: str) -> str:
    """A date with the month's short name as the language writes it: Django would write a Dutch one with a capital."""
    return format_date(
        timezone.localtime(at), pattern, locale=to_locale(get_language() or settings.LANGUAGE_CODE)
    )
