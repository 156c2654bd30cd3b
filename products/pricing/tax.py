"""Tax on one amount. A rate is a percentage, like 21 or 8.875."""

from decimal import Decimal

from products.pricing.rounding import half_up


def tax_of(amount: int, rate: Decimal, *, included: bool) -> int:
    """The tax on a net amount, amount × rate / 100; or within a gross one, amount × rate / (100 + rate)."""
    numerator, denominator = rate.as_integer_ratio()
    return half_up(amount * numerator, 100 * denominator + (numerator if included else 0))


def net_and_tax(amount: int, rate: Decimal, *, included: bool) -> tuple[int, int]:
    """An amount after discount, split into its net and its tax."""
    tax = tax_of(amount, rate, included=included)
    return (amount - tax if included else amount), tax
