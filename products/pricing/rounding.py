"""The one rounding rule, and the one way to split a sum without losing a unit. All in exact integers."""

from collections.abc import Sequence
from fractions import Fraction

WHOLE = Fraction(1)


def half_up(numerator: int, denominator: int) -> int:
    """Round `numerator / denominator` (denominator above 0) to the nearest integer, halves away from zero."""
    magnitude = (2 * abs(numerator) + denominator) // (2 * denominator)
    return magnitude if numerator >= 0 else -magnitude


def portion(amount: int, share: Fraction) -> int:
    """The given share of an amount, rounded."""
    return half_up(amount * share.numerator, share.denominator)


def spread(amount: int, weights: Sequence[int]) -> list[int]:
    """Split an amount (0 or more) in proportion to weights (above 0), by largest remainder.

    The parts sum to the amount exactly; of equal remainders the earlier part gets the unit first.
    """
    whole = sum(weights)
    parts = [amount * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda n: amount * weights[n] % whole, reverse=True)
    for n in by_remainder[: amount - sum(parts)]:
        parts[n] += 1
    return parts
