"""Amounts as people read them, in their own language. The one place that formats money."""

import re
from copy import copy
from functools import lru_cache

from babel.core import Locale, UnknownLocaleError
from babel.numbers import NumberPattern
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext, ngettext

from products import currencies
from products.models import Price

# a code in place of a sign wants room: “CHF 30.00”, while “€30.00” does not
_CODE_BESIDE_DIGIT = re.compile(r"(?<=[A-Z])(?=\d)")


def format_money(minor: int, currency: str, language: str | None = None) -> str:
    """`minor` units of `currency` as text: 7548 EUR is “€75.48” in English and “€ 75,48” in Dutch.

    `language` is a language code; without one, the language that is active.
    """
    locale = _locale(language or translation.get_language() or settings.LANGUAGE_CODE)
    pattern = _pattern(locale, currencies.decimals(currency))
    amount = currencies.to_major(minor, currency)
    formatted: str = pattern.apply(amount, locale, currency=currency, currency_digits=False)
    return _CODE_BESIDE_DIGIT.sub("\N{NO-BREAK SPACE}", formatted)


def per_interval(unit: str, count: int) -> str:
    """“per month”, “every 3 months”, “once”."""
    if unit == Price.Unit.ONCE:
        return gettext("once")
    if count == 1:
        return {
            Price.Unit.DAY: gettext("per day"),
            Price.Unit.WEEK: gettext("per week"),
            Price.Unit.MONTH: gettext("per month"),
            Price.Unit.YEAR: gettext("per year"),
        }[Price.Unit(unit)]
    every = {
        Price.Unit.DAY: ngettext("every %s day", "every %s days", count),
        Price.Unit.WEEK: ngettext("every %s week", "every %s weeks", count),
        Price.Unit.MONTH: ngettext("every %s month", "every %s months", count),
        Price.Unit.YEAR: ngettext("every %s year", "every %s years", count),
    }
    return every[Price.Unit(unit)] % count


def format_price(price: Price) -> str:
    """“€30.00 per month”."""
    amount = format_money(price.amount, price.currency)
    return f"{amount} {per_interval(price.interval_unit, price.interval_count)}"


@lru_cache(maxsize=64)
def _locale(language: str) -> Locale:
    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale.parse(settings.LANGUAGE_CODE, sep="-")


@lru_cache(maxsize=256)
def _pattern(locale: Locale, decimals: int) -> NumberPattern:
    """The locale's way of writing money, with as many decimals as ISO 4217 gives the currency."""
    pattern: NumberPattern = copy(locale.currency_formats["standard"])
    pattern.frac_prec = (decimals, decimals)
    return pattern
