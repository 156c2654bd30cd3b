"""Bring an open order to its money, and back."""

from datetime import datetime

from django.db import transaction

from checkout.models import Order
from checkout.operations.fulfil import fulfil, reference_of
from memberships.models import Attempt, Payment, PaymentMethod
from memberships.operations.collection import close_payment, collect, reconcile_payment
from memberships.operations.discounts import release


def pay(*, order: Order, card: PaymentMethod | None, return_url: str, now: datetime) -> Attempt:
    """Start or continue collecting for `order`, from the saved `card` or on the gateway's page (`attempt.url`).

    Raises what `collect` raises. A card that is charged at once fulfils the order before this returns.
    """
    assert order.payment is not None, "an order with nothing due is fulfilled when it is confirmed"
    attempt = collect(payment=order.payment, card=card, return_url=return_url, now=now)
    fulfil(order=order, now=now)
    return attempt


def reconcile(*, order: Order, now: datetime) -> Order:
    """Ask the gateway how the order's payment stands and do what follows. The result page, the webhook's signal and the
    sweep all end here or in `fulfil`; any number of times is once. Raises GatewayUnavailable."""
    if order.payment is not None and order.payment.state == Payment.State.OPEN:
        reconcile_payment(payment=order.payment, now=now)
    return fulfil(order=order, now=now)


def give_up(*, order: Order, state: Order.State, now: datetime) -> Order:
    """Close an unpaid order as cancelled or expired, at the gateway first. If it turns out to be paid, it is fulfilled.

    Raises GatewayUnavailable; the order then stays open for the sweep.
    """
    if order.payment is not None:
        close_payment(payment=order.payment, now=now)
    return drop(order=order, state=state, now=now)


def drop(*, order: Order, state: Order.State, now: datetime) -> Order:
    """Settle an open order whose payment was closed unpaid. If it turns out to be paid, it is fulfilled."""
    order = fulfil(order=order, now=now)
    if order.state == Order.State.OPEN:
        with transaction.atomic():
            unpaid = Order.objects.open().filter(pk=order.pk, payment__state=Payment.State.CLOSED)
            if unpaid.update(state=state, settled_at=now):
                release(reference=reference_of(order), now=now)
        order.refresh_from_db()
    return order
