"""What news from below makes checkout do. Each reaction also has a sweep (`checkout.tasks`)."""

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from checkout.models import Order
from checkout.operations.fulfil import fulfil
from memberships.signals import payment_settled


@receiver(payment_settled)
def fulfil_the_paid_order(
    sender: Any,  # noqa: ARG001 -- the signal's signature
    *,
    payment_id: int,
    now: datetime,
    **_: Any,
) -> None:
    order = Order.objects.filter(payment_id=payment_id).first()
    if order is not None:
        fulfil(order=order, now=now)
