"""Amounts as people read and type them."""

from decimal import Decimal

import pytest
from django.template import Context, Template
from django.utils import translation

from products import currencies
from products.models import Price
from products.money_display import format_money, format_price, per_interval
from products.pricing.money import DECIMALS

NBSP = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("minor", "currency", "language", "text"),
    [
        (7548, "EUR", "en", "€75.48"),
        (7548, "EUR", "nl", f"€{NBSP}75,48"),
        (-29, "EUR", "en", "-€0.29"),
        (-29, "EUR", "nl", f"€{NBSP}-0,29"),
        (123456789, "EUR", "en-gb", "€1,234,567.89"),
        (1234567, "JPY", "en", "¥1,234,567"),
        (1500, "KWD", "en", f"KWD{NBSP}1.500"),
        (1500, "IQD", "en", f"IQD{NBSP}1.500"),
        (3000, "CHF", "nl", f"CHF{NBSP}30,00"),
        (0, "EUR", "en", "€0.00"),
        (100, "EUR", "not-a-language", "€1.00"),
    ],
)
def test_money_is_written_the_way_the_reader_writes_it(minor, currency, language, text):
    assert format_money(minor, currency, language) == text


def test_without_a_language_the_active_one_is_used():
    with translation.override("nl"):
        assert format_money(7548, "EUR") == f"€{NBSP}75,48"
    with translation.override(None):
        assert format_money(7548, "EUR") == "€75.48"


def test_the_filter_formats_and_shows_nothing_for_none():
    template = Template("{% load money %}{{ due|money:'EUR' }}/{{ nothing|money:'EUR' }}")
    assert template.render(Context({"due": 7548, "nothing": None})) == "€75.48/"


@pytest.mark.parametrize(
    ("unit", "count", "text"),
    [
        ("once", 1, "once"),
        ("day", 1, "per day"),
        ("week", 2, "every 2 weeks"),
        ("month", 1, "per month"),
        ("month", 3, "every 3 months"),
        ("year", 1, "per year"),
    ],
)
def test_an_interval_reads_like_speech(unit, count, text):
    assert per_interval(unit, count) == text


def test_a_price_is_amount_and_interval():
    price = Price(amount=3000, currency="EUR", interval_unit="month", interval_count=1)
    assert format_price(price) == "€30.00 per month"


@pytest.mark.parametrize(
    ("major", "currency", "minor"),
    [("30.00", "EUR", 3000), ("30", "JPY", 30), ("1.234", "KWD", 1234), ("0", "EUR", 0)],
)
def test_major_units_become_minor_units(major, currency, minor):
    assert currencies.to_minor(Decimal(major), currency) == minor
    assert currencies.to_major(minor, currency) == Decimal(major)


@pytest.mark.parametrize(("major", "currency"), [("30.001", "EUR"), ("30.5", "JPY"), ("1.2345", "KWD")])
def test_decimals_are_never_lost(major, currency):
    with pytest.raises(currencies.TooPreciseError):
        currencies.to_minor(Decimal(major), currency)


def test_known_currencies_are_the_money_of_today_and_the_kernel_knows_them_all():
    assert {"EUR", "USD", "JPY", "KWD"} <= currencies.known() <= DECIMALS.keys()
    assert not {"DEM", "XXX", "EURO", ""} & currencies.known()
