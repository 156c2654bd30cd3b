"""What happens when a period ends: the scheduled change takes effect, and the next period is billed. It is the
pipe of a plan change, started by the schedule instead of a person: quote, order, payment, fulfilment."""

import logging
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from checkout.models import Order
from checkout.operations.fulfil import fulfil, reference_of
from checkout.operations.pay import give_up, pay
from checkout.operations.place import place_order
from checkout.operations.quote import store_quote
from memberships.billing.durable import durably
from memberships.billing.gateway import GatewayRefused, GatewayUnavailable
from memberships.models import Attempt, Membership, ScheduledChange
from memberships.notices import facts_of, notify
from memberships.operations.collection import PaymentNotOpen
from memberships.operations.discounts import scheduled_discount
from memberships.operations.picks import Pick
from memberships.operations.terms import Terms, scenario, terms_of
from memberships.story import headline
from products import pricing

log = logging.getLogger(__name__)


def renew(*, membership_id: int, now: datetime) -> Order | None:
    """Renew a membership whose period or trial has ended. A change under way that nobody has paid gives way to it.

    None when there is nothing to do, as when it was done already, or when the gateway cannot be asked about a change
    under way; the next run comes back to that, and to a renewal that an earlier run left half.

    A bill above zero is charged to the saved card; if that fails, the membership is past due and the order stays open.
    """
    with durably():
        membership = (
            Membership.objects.select_related("customer__user")
            .select_for_update(of=("self",), skip_locked=True)
            .due_for_renewal(at=now)
            .filter(pk=membership_id)
            .first()
        )
        if membership is None:
            return None
        under_way = Order.objects.open().select_related("payment").filter(membership=membership).first()
        order = under_way or _place(membership, now)
    if order.kind != pricing.Kind.RENEWAL:
        return _make_way(order, now)
    if order.payment is None:
        return fulfil(order=order, now=now)
    return _charge(order, now)


def _make_way(order: Order, now: datetime) -> Order | None:
    """Close a change under way, or carry it out if it turns out to be paid; then see what is to be renewed."""
    try:
        order = give_up(order=order, state=Order.State.EXPIRED, now=now)
    except (GatewayUnavailable, GatewayRefused) as error:
        log.warning("order %s is in the way of a renewal and cannot be closed: %s", order.uid, error)
        return None
    return None if order.state == Order.State.OPEN else renew(membership_id=order.membership_id, now=now)


def _place(membership: Membership, now: datetime) -> Order:
    terms = terms_of(membership)
    change = _due_change(membership, now)
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


def _charge(order: Order, now: datetime) -> Order:
    """Try the saved card once while the customer is away. A gateway that cannot be asked leaves the try to the sweep,
    and what follows from it to the next run."""
    assert order.payment is not None, "a bill of nothing is fulfilled, not charged"
    membership = order.membership
    card = membership.customer.payment_methods.filter(is_default=True).first()
    if card is not None and not order.payment.attempts.filter(state=Attempt.State.FAILED).exists():
        try:
            pay(order=order, card=card, return_url="", now=now)
        except (GatewayUnavailable, PaymentNotOpen):
            return order
        except GatewayRefused as error:
            log.error("renewal %s: the gateway refused the charge: %s", order.uid, error)  # noqa: TRY400 -- it says all
    with transaction.atomic():
        membership.lock()
        order.refresh_from_db()
        if order.state == Order.State.OPEN and membership.move(
            Membership.State.PAST_DUE, now=now, reason="no card" if card is None else "declined"
        ):
            facts = facts_of(order.payment, pay_url="")
            notify(membership, "payment_failed", reference=reference_of(order), now=now, facts=facts)
    return order
