"""The lines of a bill: charges after discount, split into net and tax."""

from collections.abc import Sequence
from dataclasses import dataclass

from products.pricing.charges import Charge, LineType
from products.pricing.discount import taken_off
from products.pricing.facts import Discount
from products.pricing.tax import tax_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line, in minor units. If prices include tax, `gross` and `discount` do too; `net` never does."""

    type: LineType
    product: str
    quantity: int
    gross: int
    discount: int
    net: int
    tax: int


def charge_lines(
    charges: Sequence[Charge], discount: Discount | None, *, prices_include_tax: bool
) -> tuple[Line, ...]:
    """One line for each charge, in the same order."""
    return tuple(
        _charge_line(charge, off, prices_include_tax=prices_include_tax)
        for charge, off in zip(charges, taken_off(charges, discount), strict=True)
    )


def _charge_line(charge: Charge, off: int, *, prices_include_tax: bool) -> Line:
    amount = charge.gross - off
    tax = tax_of(amount, charge.item.tax_rate, included=prices_include_tax)
    return Line(
        type=charge.type,
        product=charge.item.product,
        quantity=charge.quantity,
        gross=charge.gross,
        discount=off,
        net=amount - tax if prices_include_tax else amount,
        tax=tax,
    )
