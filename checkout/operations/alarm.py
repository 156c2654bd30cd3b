"""Money is here and what it was for is not: nothing else may go unnoticed for so short a time."""

import logging
from datetime import datetime

from checkout.models import Order

log = logging.getLogger(__name__)


def sound_the_alarm(*, now: datetime) -> int:
    """Log an error for every order that is paid and not applied. Answers how many there are."""
    orders = Order.objects.paid_not_applied(at=now).select_related("payment")
    for order in orders:
        paid_at = order.payment.settled_at if order.payment else None
        log.error("order %s was paid at %s and is %s: paid and not applied", order.uid, paid_at, order.state)
    return len(orders)
