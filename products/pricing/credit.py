"""What is given back for time that was paid for and is not used."""

from datetime import datetime

from products.pricing.charges import LineType
from products.pricing.facts import HeldItem, HeldMembership
from products.pricing.lines import Line
from products.pricing.period import Period
from products.pricing.rounding import half_up


def credit_lines(membership: HeldMembership, *, as_of: datetime, prices_include_tax: bool) -> list[Line]:
    """A line for each recurring item: what was really paid for it, net and tax, times the unused share."""
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
    # each part has a denominator of its own: the exact sums stand over their product and are rounded once
    net, tax, denominator = 0, 0, 1
    for part in item.paid:
        share = period.unused(as_of, since=part.start)
        net = net * share.denominator + part.net * share.numerator * denominator
        tax = tax * share.denominator + part.tax * share.numerator * denominator
        denominator *= share.denominator
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
