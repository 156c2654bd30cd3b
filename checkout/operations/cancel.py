"""A member leaves."""

from datetime import datetime

from accounts.models import User
from checkout.models import Order
from checkout.operations.confirm import AnotherOrderIsOpen
from checkout.operations.pay import give_up
from memberships.models import Membership, ScheduledChange
from memberships.operations.lifecycle import cancel_at_period_end
from products import pricing


def cancel(*, membership: Membership, user: User, reason: str, now: datetime) -> ScheduledChange | None:
    """Cancel `membership` at the end of what was paid for; None when it has ended at once, as a free one does.

    An overdue bill is closed at the gateway, and the membership ends with it; a bill that turns out to be paid is used
    up first. Raises AnotherOrderIsOpen while a change waits for its payment, GatewayUnavailable or GatewayRefused when
    the bill cannot be closed, and TransitionNotAllowed for a membership that has ended.
    """
    order = Order.objects.open().select_related("payment").filter(membership=membership).first()
    if order is not None and order.kind != pricing.Kind.RENEWAL:
        raise AnotherOrderIsOpen(order)
    if order is not None:
        give_up(order=order, state=Order.State.CANCELLED, now=now)
    return cancel_at_period_end(membership=membership, actor=user, reason=reason, now=now)
