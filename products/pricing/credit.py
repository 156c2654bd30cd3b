"""What is given back for time that was paid for and is not used."""

from datetime import datetime

from products.pricing.charges import LineType
from products.pricing.facts import HeldItem, HeldMembership
from products.pricing.lines import Line
from products.pricing.period import Period
from products.pricing.rounding import half_up


def credit_lines(
    membership: HeldMembership, *, as_of: datetime, prices_include_tax: bool
) -> tuple[Line, ...]:
    """A line for each recurring item: what was really paid for it, net and tax, times the unused share."""
    period = membership.paid_period
    if period is None:
        return ()
    left = period.left(as_of)
    lines = [
        _credit_line(item, period, left=left, prices_include_tax=prices_include_tax)
        for item in membership.items
        if item.recurring
    ]
    return tuple([line for line in lines if line.net or line.tax])


def _credit_line(item: HeldItem, period: Period, *, left: int, prices_include_tax: bool) -> Line:
    """The sum of paid × left / length over the parts, each of which paid for the time from its own start.

    Every part has a denominator of its own: the exact sums stand over their product and are rounded once.
    """
    net, tax, denominator = 0, 0, 1
    for part in item.paid:
        length = period.left(part.start)
        unused = denominator * min(left, length)
        net, tax = net * length + part.net * unused, tax * length + part.tax * unused
        denominator *= length
    net, tax = half_up(net, denominator), half_up(tax, denominator)
    return Line(
        type=LineType.CREDIT,
        product=item.product,
        quantity=item.quantity,
        gross=-(net + tax) if prices_include_tax else -net,
        discount=0,
        net=-net,
        tax=-tax,
    )
