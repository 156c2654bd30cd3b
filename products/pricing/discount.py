"""What a discount code takes off a set of charges."""

from collections.abc import Sequence

from products.pricing.charges import Charge, LineType
from products.pricing.facts import Discount
from products.pricing.rounding import WHOLE, half_up, portion, spread


def taken_off(charges: Sequence[Charge], discount: Discount | None) -> list[int]:
    """The amount off each charge, in the same order; never more than the charge.

    A percentage is rounded for each charge. A fixed amount is for the whole order: it is scaled by the same
    share as the charges it applies to, and spread over them so that no unit is lost.
    """
    off = [0] * len(charges)
    if discount is None or not discount.alive:
        return off
    eligible = [n for n, charge in enumerate(charges) if _applies(discount, charge)]
    if discount.percent is not None:
        numerator, denominator = discount.percent.as_integer_ratio()
        for n in eligible:
            off[n] = half_up(charges[n].gross * numerator, 100 * denominator)
    elif discount.amount and eligible:
        prorated = (charges[n].share for n in eligible if charges[n].share != WHOLE)
        weights = [charges[n].gross for n in eligible]
        amount = min(portion(discount.amount, next(prorated, WHOLE)), sum(weights))
        for n, part in zip(eligible, spread(amount, weights), strict=True):
            off[n] = part
    return off


def _applies(discount: Discount, charge: Charge) -> bool:
    if charge.type == LineType.SETUP_FEE and not discount.setup_fee:
        return False
    return not discount.products or charge.item.product in discount.products
