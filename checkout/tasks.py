"""Work done outside the request. Thin: each task reads the clock and calls one operation."""

from celery import shared_task
from celery.utils.log import get_task_logger
from django.utils import timezone

from checkout.models import Order
from checkout.operations.fulfil import fulfil
from checkout.operations.pay import give_up
from memberships.billing.gateway import GatewayUnavailable
from memberships.models import Payment

log = get_task_logger(__name__)
BATCH = 500


@shared_task
def sweep_orders() -> int:
    """Fulfil orders that are paid and were not applied, and close those that waited too long. Answers how many.

    A process can die between the payment's commit and the news of it; this makes that harmless.
    """
    paid = Order.objects.open().filter(payment__state=Payment.State.PAID) | Order.objects.filter(
        state__in=[Order.State.EXPIRED, Order.State.CANCELLED], payment__state=Payment.State.PAID
    ) | Order.objects.open().filter(payment=None)
    found = 0
    for order in paid[:BATCH]:
        fulfil(order=order, now=timezone.now())
        found += 1
    for order in Order.objects.overdue(at=timezone.now()).select_related("payment")[:BATCH]:
        found += 1
        try:
            give_up(order=order, state=Order.State.EXPIRED, now=timezone.now())
        except GatewayUnavailable as error:
            log.warning("order %s stays open, the gateway is unavailable: %s", order.uid, error)
    return found
