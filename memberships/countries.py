"""The countries customers live in, by their ISO 3166 codes, in the reader's language."""

import unicodedata
from functools import cache

from babel.core import Locale, UnknownLocaleError
from django.conf import settings
from django.utils.translation import get_language

NOT_COUNTRIES = frozenset(
    ["AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"]
)
"""Codes of two letters that stand for something else: islands without a code, unions, nothing known."""


def country_name(code: str) -> str:
    """“Netherlands”, “Nederland”, in the active language; the code itself when there is no such country."""
    return dict(_countries(_language())).get(code, code)


def country_choices() -> list[tuple[str, str]]:
    """Every country with its code, in the order of the active language's alphabet."""
    return list(_countries(_language()))


def _language() -> str:
    return get_language() or settings.LANGUAGE_CODE


@cache
def _countries(language: str) -> tuple[tuple[str, str], ...]:
    try:
        locale = Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        locale = Locale.parse(settings.LANGUAGE_CODE, sep="-")
    named = {
        code: name
        for code, name in locale.territories.items()
        if len(code) == 2 and code not in NOT_COUNTRIES  # noqa: PLR2004 -- three digits are parts of the world
    }
    return tuple(sorted(named.items(), key=lambda country: _without_accents(country[1])))


def _without_accents(name: str) -> str:
    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()
