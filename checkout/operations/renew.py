"""What happens when periods end: the scheduled change takes effect, and the next period is billed. It is the pipe of a
plan change, started by the schedule instead of a person: quote, order, payment, fulfilment."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime

from accounts.network.live import network
from checkout.models import Order, Quote
from checkout.operations.bills import collect_bills, follow_up
from checkout.operations.fulfil import Promise, fulfil
from checkout.operations.fulfil_together import Plain, plain
from checkout.operations.pay import give_up
from checkout.operations.place import draft_order, place_orders
from checkout.operations.quote import draft_quote
from memberships.billing.durable import durably
from memberships.billing.gateway import GatewayRefused, GatewayUnavailable
from memberships.models import Membership, ScheduledChange
from memberships.operations.discounts import scheduled_discount
from memberships.operations.lifecycle import carry_out_cancellation
from memberships.operations.terms import Terms, scenario, terms_of_all
from memberships.operations.what_follows import what_follows
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
        orders_open, renewals = _place_all(due, now)
        found = _bring_on(orders_open, renewals, now)
        orders |= {order.membership_id: order for order in found if order.kind == pricing.Kind.RENEWAL}
        due = [order.membership_id for order in found if order.state in COME_FURTHER]
    return orders


def _place_all(membership_ids: Sequence[int], now: datetime) -> tuple[list[Order], dict[int, Plain]]:
    """Place the renewal orders that are due and not placed yet. Answers all that is open after that: these, those of an
    earlier run, and changes that are in the way; and, by order, the renewals with which nothing else changes."""
    with durably():
        memberships = list(
            Membership.objects.select_related("customer__user")
            .select_for_update(of=("self",), skip_locked=True)
            .due_for_renewal(at=now)
            .filter(pk__in=membership_ids)
            .order_by("pk")
        )
        under_way = list(
            Order.objects.open().select_related("payment").filter(membership__in=memberships).order_by("pk")
        )
        waiting = {order.membership_id for order in under_way}
        changes = _due_changes(memberships, now)
        going_on = []
        for membership in memberships:
            change = changes.get(membership.pk)
            if membership.pk in waiting:
                continue
            if change is not None and change.kind == ScheduledChange.CANCELLATION:
                carry_out_cancellation(membership=membership, change=change, now=now)
            else:
                going_on.append(membership)
        drafts = _drafts(going_on, changes, now)
        placed = [order for order, _renewal in drafts]
        Quote.objects.bulk_create([order.quote for order in placed])
        place_orders(placed)
    return [*under_way, *placed], {order.pk: renewal for order, renewal in drafts if renewal is not None}


def _due_changes(memberships: Sequence[Membership], now: datetime) -> dict[int, ScheduledChange]:
    """The scheduled changes whose day has come, by membership."""
    changes = (
        ScheduledChange.objects.filter(
            membership__in=memberships, state=ScheduledChange.State.PENDING, effective_at__lte=now
        )
        .select_related("discount_use")
        .prefetch_related("items__product__tax_rate", "items__product__group", "items__price")
    )
    return {change.membership_id: change for change in changes}


def _drafts(
    memberships: Sequence[Membership], changes: Mapping[int, ScheduledChange], now: datetime
) -> list[tuple[Order, Plain | None]]:
    """The order of each one's next period. One whose price cannot be worked out must not keep the others waiting."""
    drafts = []
    for terms in terms_of_all(memberships).values():
        try:
            drafts.append(_draft(terms, changes.get(terms.membership.pk), now))
        except (pricing.ScenarioError, StopIteration):
            log.exception("membership %s cannot be billed", terms.membership.uid)
    return drafts


def _draft(terms: Terms, change: ScheduledChange | None, now: datetime) -> tuple[Order, Plain | None]:
    picks = what_follows(terms=terms, change=change)
    asked = scenario(terms=terms, picks=picks, discount=scheduled_discount(change), now=now)
    price = pricing.renewal(asked)
    plan = next(pick for pick in picks if pick.product.is_plan)
    came_from = terms.plan.product.name if terms.plan else ""
    order = draft_order(
        quote=draft_quote(terms=terms, picks=picks, asked=asked, price=price, user=None, now=now),
        price=price,
        membership=terms.membership,
        came_from=came_from,
        went_to=plan.product.name,
        purpose=headline(kind=price.kind, came_from=came_from, went_to=plan.product.name),
        placed_by=None,
        expires_at=None,
        try_at=dunning.first_try(billed_at=now, days=network.dunning_days),
        now=now,
    )
    promise = Promise(asked=asked, price=price, picks=picks)
    return order, None if change else plain(promise, terms)


def _bring_on(orders: Sequence[Order], plain_ones: Mapping[int, Plain], now: datetime) -> list[Order]:
    """Bring each order as far as it can be brought now, and answer them as they then are."""
    renewals = [order for order in orders if order.kind == pricing.Kind.RENEWAL]
    payments = [order.payment_id for order in renewals if order.payment_id]
    done = collect_bills(payment_ids=payments, renewals=plain_ones, now=now)
    return [done.get(order.pk) or _finish(order, now) for order in orders]


def _finish(order: Order, now: datetime) -> Order:
    """Carry out what is free or paid, and of what is not paid do what follows from that; a change that is in the way of
    a renewal is closed, or carried out if it turns out to be paid."""
    if order.kind != pricing.Kind.RENEWAL:
        return _make_way(order, now)
    fulfilled = fulfil(order=order, now=now)
    follow_up(order=fulfilled, now=now)
    return fulfilled


def _make_way(order: Order, now: datetime) -> Order:
    try:
        return give_up(order=order, state=Order.State.EXPIRED, now=now)
    except (GatewayUnavailable, GatewayRefused) as error:
        log.warning("order %s is in the way of a renewal and cannot be closed: %s", order.uid, error)
        return order
