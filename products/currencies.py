"""Currencies: which exist, and how many decimals each has. Pure.

Amounts are whole numbers of minor units everywhere; only what people type and read is in major units.
"""

from decimal import Decimal
from functools import cache
from typing import Final

from babel.core import get_global
from babel.numbers import get_territory_currencies

# ISO 4217's own figures. Babel's come from CLDR, which drops decimals that are legal but out of use.
_WITHOUT_DECIMALS: Final = frozenset(
    (
        *("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW"),
        *("PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"),
    )
)
_WITH_THREE_DECIMALS: Final = frozenset(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"])


class TooPreciseError(ValueError):
    """The amount has more decimals than its currency."""

    def __init__(self, *, currency: str) -> None:
        self.decimals = decimals(currency)
        super().__init__(f"An amount in {currency} has {self.decimals} decimals.")


def decimals(currency: str) -> int:
    """How many digits stand behind the decimal point: 2 for EUR, 0 for JPY, 3 for KWD."""
    if currency in _WITHOUT_DECIMALS:
        return 0
    return 3 if currency in _WITH_THREE_DECIMALS else 2


@cache
def known() -> frozenset[str]:
    """The ISO 4217 codes of the money that is legal tender somewhere today."""
    territories = get_global("territory_currencies")
    return frozenset(code for territory in territories for code in get_territory_currencies(territory))


def to_minor(major: Decimal, currency: str) -> int:
    """30.00 EUR is 3000. Raises TooPreciseError when decimals would be lost."""
    minor = major.scaleb(decimals(currency))
    if minor != minor.to_integral_value():
        raise TooPreciseError(currency=currency)
    return int(minor)


def to_major(minor: int, currency: str) -> Decimal:
    """3000 EUR is 30.00, with exactly the currency's decimals."""
    return Decimal(minor).scaleb(-decimals(currency))
