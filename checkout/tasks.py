"""Work done outside the request. Thin: each task reads the clock and calls one operation."""

from celery import shared_task
from celery.utils.log import get_task_logger
from django.utils import timezone

from checkout.models import Order
from checkout.operations.fulfil import fulfil
from checkout.operations.pay import give_up
from checkout.operations.renew import renew
from memberships.billing.gateway import GatewayUnavailable
from memberships.models import Membership, Payment

log = get_task_logger(__name__)
BATCH = 500


@shared_task
def sweep_orders() -> int:
    """Fulfil orders that are paid and were not applied, and close those that waited too long. Answers how many.

    A process can die between the payment's commit and the news of it; this makes that harmless.
    """
    paid = (
        Order.objects.open().filter(payment__state=Payment.State.PAID)
        | Order.objects.filter(
            state__in=[Order.State.EXPIRED, Order.State.CANCELLED], payment__state=Payment.State.PAID
        )
        | Order.objects.open().filter(payment=None)
    )
    found = 0
    for order in paid[:BATCH]:
        found += 1
        try:
            fulfil(order=order, now=timezone.now())
        except Exception:  # one order in trouble must not keep the others waiting
            log.exception("order %s is paid and cannot be applied", order.uid)
    for order in Order.objects.overdue(at=timezone.now()).select_related("payment")[:BATCH]:
        found += 1
        try:
            give_up(order=order, state=Order.State.EXPIRED, now=timezone.now())
        except GatewayUnavailable as error:
            log.warning("order %s stays open, the gateway is unavailable: %s", order.uid, error)
        except Exception:  # see above
            log.exception("order %s stays open", order.uid)
    return found


@shared_task
def renew_due_memberships() -> int:
    """Queue every membership whose period or trial has ended. Answers how many."""
    due = Membership.objects.due_for_renewal(at=timezone.now()).values_list("pk", flat=True)[:BATCH]
    for membership_id in due:
        renew_membership.enqueue(membership_id=membership_id)
    return len(due)


@shared_task
def renew_membership(*, membership_id: int) -> None:
    renew(membership_id=membership_id, now=timezone.now())
