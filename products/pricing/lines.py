"""The lines of a bill: charges after discount, split into net and tax."""

from collections.abc import Sequence
from dataclasses import dataclass

from products.pricing.charges import Charge, LineType
from products.pricing.discount import taken_off
from products.pricing.facts import Discount
from products.pricing.tax import net_and_tax


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
        [
            _charge_line(charge, off, prices_include_tax=prices_include_tax)
            for charge, off in zip(charges, taken_off(charges, discount), strict=True)
        ]
    )


def sum_of_lines(
    charges: Sequence[Charge], discount: Discount | None, *, prices_include_tax: bool
) -> tuple[int, int]:
    """The net and the tax of all the lines together."""
    amounts = [
        net_and_tax(charge.gross - off, charge.item.tax_rate, included=prices_include_tax)
        for charge, off in zip(charges, taken_off(charges, discount), strict=True)
    ]
    return sum([net for net, _ in amounts]), sum([tax for _, tax in amounts])


def _charge_line(charge: Charge, off: int, *, prices_include_tax: bool) -> Line:
    net, tax = net_and_tax(charge.gross - off, charge.item.tax_rate, included=prices_include_tax)
    return Line(
        type=charge.type,
        product=charge.item.product,
        quantity=charge.quantity,
        gross=charge.gross,
        discount=off,
        net=net,
        tax=tax,
    )
