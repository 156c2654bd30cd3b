"""The membership as it is once a sale has been paid for."""

from collections.abc import Iterator, Sequence

from products.pricing.charges import LineType
from products.pricing.facts import Discount, HeldItem, HeldMembership, ItemType, Paid, Status
from products.pricing.lines import Line
from products.pricing.sale import Sale
from products.pricing.scenario import Scenario
from products.pricing.wallet import Settlement


def membership_after(
    scenario: Scenario, sale: Sale, sold: Sequence[Line], settlement: Settlement
) -> HeldMembership:
    """The membership with the items of the sale; `sold`, the lines of its charges, are their payments."""
    if sale.waits and scenario.membership is not None:
        return scenario.membership
    return HeldMembership(
        status=Status.ACTIVE if sale.trial_end is None else Status.TRIALING,
        interval=scenario.selection.interval,
        period=sale.period,
        anchor=sale.anchor,
        trial_end=sale.trial_end,
        wallet=scenario.wallet - settlement.used + settlement.added,
        items=tuple(_items_after(scenario.membership, sale, sold)),
        discount=discount_after(scenario, sale),
    )


def discount_after(scenario: Scenario, sale: Sale) -> Discount | None:
    """The code that goes on, if any. A full-price period uses up one of its periods, a prorated charge none."""
    discount = scenario.discount
    return discount.used_once() if discount is not None and sale.opens_period else discount


def _items_after(membership: HeldMembership | None, sale: Sale, sold: Sequence[Line]) -> Iterator[HeldItem]:
    before = {item.key: item for item in membership.lasting_items} if membership is not None else {}
    plan_fee = next((item.setup_fee_paid for item in before.values() if item.type == ItemType.PLAN), 0)
    same_period = membership is not None and membership.period == sale.period and not sale.gives_credit
    paid_from = sale.effective_at if sale.period is None else max(sale.effective_at, sale.period.start)
    payments: dict[tuple[str, bool], Paid] = {}
    fees: dict[str, int] = {}
    for charge, line in zip(sale.charges, sold, strict=True):
        if line.type == LineType.SETUP_FEE:
            fees[line.product] = line.gross - line.discount
        elif line.net or line.tax:
            payments[charge.item.key] = Paid(net=line.net, tax=line.tax, start=paid_from)
    for item in sale.items:
        old = before.get(item.key)
        fee_before = plan_fee if item.type == ItemType.PLAN else old.setup_fee_paid if old else 0
        paid = old.paid if old and (same_period or not item.recurring) else ()
        payment = payments.get(item.key)
        yield HeldItem(
            product=item.product,
            type=item.type,
            unit_price=item.unit_price,
            quantity=item.quantity,
            recurring=item.recurring,
            rank=item.rank,
            setup_fee=item.setup_fee,
            tax_rate=item.tax_rate,
            setup_fee_paid=fee_before + fees.get(item.product, 0),
            paid=paid if payment is None else (*paid, payment),
        )
