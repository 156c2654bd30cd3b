"""What happens when periods end: the scheduled change takes effect, and the next period is billed. It is the pipe of a
plan change, started by the schedule instead of a person: quote, order, payment, fulfilment."""

import logging
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings

from checkout.models import Order
from checkout.operations.bills import collect_bills, follow_up
from checkout.operations.fulfil import fulfil
from checkout.operations.pay import give_up
from checkout.operations.place import place_order
from checkout.operations.quote import store_quote
from memberships.billing.durable import durably
from memberships.billing.gateway import GatewayRefused, GatewayUnavailable
from memberships.models import Membership, ScheduledChange
from memberships.operations.discounts import scheduled_discount
from memberships.operations.lifecycle import carry_out_cancellation
from memberships.operations.picks import Pick
from memberships.operations.terms import Terms, scenario, terms_of
from memberships.policies import dunning
from memberships.story import headline
from products import pricing

COME_FURTHER = (
    Order.State.FULFILLED,
    Order.State.CREDITED,
    Order.State.EXPIRED,
)  # the next period may be due
log = logging.getLogger(__name__)


def renew(*, membership_id: int, now: datetime) -> Order | None:
    """Renew one membership, period by period; answers the order of the last period that was billed. None when there was
    nothing to do or it could not be done now."""
    return renew_all(membership_ids=[membership_id], now=now).get(membership_id)


def renew_all(*, membership_ids: Sequence[int], now: datetime) -> dict[int, Order]:
    """Renew those of these memberships whose period or trial has ended, each as often as periods have gone by and were
    paid for. A change under way that nobody has paid gives way to the renewal; a cancellation whose day has come is
    carried out. Answers the last order of each by membership.

    A bill above zero is charged to the saved card; while it is unpaid, the order stays open. What another run has in
    its hands is left to it, so the same call twice, or two at once, are one bill and one charge. What an earlier run
    left half is finished.
    """
    orders: dict[int, Order] = {}
    due = list(membership_ids)
    while due:
        found = _bring_on(_place_all(due, now), now)
        orders |= {order.membership_id: order for order in found if order.kind == pricing.Kind.RENEWAL}
        due = [order.membership_id for order in found if order.state in COME_FURTHER]
    return orders


def _place_all(membership_ids: Sequence[int], now: datetime) -> list[Order]:
    """Place the renewal orders that are due and not placed yet. Answers all that is open after that: these, those of an
    earlier run, and changes that are in the way."""
    with durably():
        memberships = (
            Membership.objects.select_related("customer__user")
            .select_for_update(of=("self",), skip_locked=True)
            .due_for_renewal(at=now)
            .filter(pk__in=membership_ids)
            .order_by("pk")
        )
        under_way = {order.membership_id: order for order in _open_orders(membership_ids)}
        placed = (under_way.get(membership.pk) or _place(membership, now) for membership in memberships)
        return [order for order in placed if order is not None]


def _open_orders(membership_ids: Sequence[int]) -> Sequence[Order]:
    return list(Order.objects.open().select_related("payment").filter(membership__in=membership_ids))


def _bring_on(orders: Sequence[Order], now: datetime) -> list[Order]:
    """Bring each order as far as it can be brought now, and answer them as they then are."""
    renewals = [order for order in orders if order.kind == pricing.Kind.RENEWAL]
    collect_bills(payment_ids=[order.payment_id for order in renewals if order.payment_id], now=now)
    return [
        _finish(order, now) if order.kind == pricing.Kind.RENEWAL else _make_way(order, now)
        for order in orders
    ]


def _finish(order: Order, now: datetime) -> Order:
    """Carry out what is paid or free; of what is not paid, do what follows from that."""
    fulfilled = fulfil(order=order, now=now)
    follow_up(order=fulfilled, now=now)
    return fulfilled


def _make_way(order: Order, now: datetime) -> Order:
    """Close a change under way, or carry it out if it turns out to be paid."""
    try:
        return give_up(order=order, state=Order.State.EXPIRED, now=now)
    except (GatewayUnavailable, GatewayRefused) as error:
        log.warning("order %s is in the way of a renewal and cannot be closed: %s", order.uid, error)
        return order


def _place(membership: Membership, now: datetime) -> Order | None:
    """Place the order of the next period. None when the membership is cancelled instead."""
    change = _due_change(membership, now)
    if change is not None and change.kind == ScheduledChange.CANCELLATION:
        carry_out_cancellation(membership=membership, change=change, now=now)
        return None
    terms = terms_of(membership)
    picks = _what_follows(terms, change)
    asked = scenario(terms=terms, picks=picks, discount=scheduled_discount(change), now=now)
    price = pricing.renewal(asked)
    plan = next(pick for pick in picks if pick.product.is_plan)
    came_from = terms.plan.product.name if terms.plan else ""
    return place_order(
        quote=store_quote(terms=terms, picks=picks, asked=asked, price=price, user=None, now=now),
        price=price,
        membership=membership,
        came_from=came_from,
        went_to=plan.product.name,
        purpose=headline(kind=price.kind, came_from=came_from, went_to=plan.product.name),
        placed_by=None,
        expires_at=None,
        try_at=dunning.first_try(billed_at=now, days=settings.DUNNING_DAYS),
        now=now,
    )


def _due_change(membership: Membership, now: datetime) -> ScheduledChange | None:
    """The scheduled change if its day has come."""
    return (
        membership.scheduled_changes.filter(state=ScheduledChange.State.PENDING, effective_at__lte=now)
        .select_related("discount_use")
        .prefetch_related("items__product__tax_rate", "items__product__group", "items__price")
        .first()
    )


def _what_follows(terms: Terms, change: ScheduledChange | None) -> Sequence[Pick]:
    """What `change` leads to, else all that recurs, as it is."""
    rows = change.items.all() if change else [item for item in terms.items if item.price.is_recurring]
    return [Pick(product=row.product, price=row.price, quantity=row.quantity) for row in rows]
