"""What a discount code takes off a set of charges."""

from collections.abc import Sequence
from fractions import Fraction

from products.pricing.charges import Charge, LineType
from products.pricing.facts import Discount
from products.pricing.rounding import half_up, portion, spread


def taken_off(charges: Sequence[Charge], discount: Discount | None) -> list[int]:
    """The amount off each charge, in the same order; never more than the charge.

    A percentage is rounded for each charge: gross × percent / 100. A fixed amount is for the whole order: it is
    scaled by the share of the charges it applies to, and spread over them so that no unit is lost.
    """
    off = [0] * len(charges)
    if discount is None:
        return off
    eligible = [n for n, charge in enumerate(charges) if applies(discount, charge)]
    if discount.percent is not None:
        numerator, denominator = discount.percent.as_integer_ratio()
        for n in eligible:
            off[n] = half_up(charges[n].gross * numerator, 100 * denominator)
    elif discount.amount and eligible:
        weights = [charges[n].gross for n in eligible]
        amount = portion(discount.amount, share_of_amount([charges[n] for n in eligible]))
        for n, part in zip(eligible, spread(min(amount, sum(weights)), weights), strict=True):
            off[n] = part
    return off


def applies(discount: Discount, charge: Charge) -> bool:
    """Whether the charge is one of the code's products, and no setup fee unless the code covers them."""
    if charge.type == LineType.SETUP_FEE and not discount.setup_fee:
        return False
    return not discount.products or charge.item.product in discount.products


def share_of_amount(eligible: Sequence[Charge]) -> Fraction:
    """The share of a fixed amount that an order gets: that of its prorated charges, if it has any."""
    return min(charge.share for charge in eligible)
