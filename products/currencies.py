"""Which currencies there are to choose from, and the way between what people type and minor units. Pure.

Amounts are whole numbers of minor units everywhere; only what people type and read is in major units.
"""

from decimal import Decimal
from functools import cache

from babel.core import get_global
from babel.numbers import get_territory_currencies

from products.pricing.money import DECIMALS


class TooPreciseError(ValueError):
    """The amount has more decimals than its currency."""

    def __init__(self, *, currency: str) -> None:
        self.decimals = decimals(currency)
        super().__init__(f"An amount in {currency} has {self.decimals} decimals.")


def decimals(currency: str) -> int:
    """How many digits stand behind the decimal point: 2 for EUR, 0 for JPY, 3 for KWD."""
    return DECIMALS[currency]


@cache
def known() -> frozenset[str]:
    """The ISO 4217 codes of the money that is legal tender somewhere today."""
    territories = get_global("territory_currencies")
    tender = {code for territory in territories for code in get_territory_currencies(territory)}
    return frozenset(tender & DECIMALS.keys())


def to_minor(major: Decimal, currency: str) -> int:
    """30.00 EUR is 3000. Raises TooPreciseError when decimals would be lost."""
    minor = major.scaleb(decimals(currency))
    if minor != minor.to_integral_value():
        raise TooPreciseError(currency=currency)
    return int(minor)


def to_major(minor: int, currency: str) -> Decimal:
    """3000 EUR is 30.00, with exactly the currency's decimals."""
    return Decimal(minor).scaleb(-decimals(currency))
