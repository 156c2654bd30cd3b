"""What is given back for time that was paid for and is not used."""

from collections.abc import Iterable
from datetime import datetime
from fractions import Fraction

from products.pricing.charges import LineType
from products.pricing.facts import HeldItem, HeldMembership
from products.pricing.lines import Line
from products.pricing.period import Period
from products.pricing.rounding import half_up


def credit_lines(membership: HeldMembership, *, as_of: datetime, prices_include_tax: bool) -> list[Line]:
    """A line for each recurring item: what was really paid for it, net and tax apart, times the share not used."""
    period = membership.paid_period
    if period is None:
        return []
    lines = (
        _credit_line(item, period, as_of=as_of, prices_include_tax=prices_include_tax)
        for item in membership.items
        if item.recurring
    )
    return [line for line in lines if line.net or line.tax]


def _credit_line(item: HeldItem, period: Period, *, as_of: datetime, prices_include_tax: bool) -> Line:
    shares = [period.unused(as_of, since=part.start) for part in item.paid]
    net = _rounded_sum(zip((part.net for part in item.paid), shares, strict=True))
    tax = _rounded_sum(zip((part.tax for part in item.paid), shares, strict=True))
    return Line(
        type=LineType.CREDIT,
        product=item.product,
        quantity=item.quantity,
        gross=-(net + tax) if prices_include_tax else -net,
        discount=0,
        net=-net,
        tax=-tax,
    )


def _rounded_sum(parts: Iterable[tuple[int, Fraction]]) -> int:
    """The exact sum of amount × share, rounded once. (Adding whole numerators is several times faster than Fractions.)"""
    numerator, denominator = 0, 1
    for amount, share in parts:
        numerator = numerator * share.denominator + amount * share.numerator * denominator
        denominator *= share.denominator
    return half_up(numerator, denominator)
