"""Tax on one amount."""

from decimal import Decimal

from products.pricing.rounding import half_up


def tax_of(amount: int, rate: Decimal, *, included: bool) -> int:
    """The tax on a net amount or, if `included`, within a gross one. `rate` is a percentage: 21, 8.875."""
    numerator, denominator = rate.as_integer_ratio()
    return half_up(amount * numerator, 100 * denominator + (numerator if included else 0))
