"""Work done outside the request. Thin: each task reads the clock and calls one operation."""

from celery import shared_task
from celery.utils.log import get_task_logger
from django.utils import timezone

from checkout.models import Order
from checkout.operations import due
from checkout.operations.alarm import sound_the_alarm
from checkout.operations.bills import collect_bills, expire_overdue
from checkout.operations.books import what_is_wrong
from checkout.operations.figures import days
from checkout.operations.fulfil import fulfil
from checkout.operations.pay import drop, give_up
from checkout.operations.renew import renew, renew_all
from checkout.operations.sign_up import keep_addresses_for_payment, leave_abandoned, make_waiting_sites
from memberships.billing.gateway import GatewayUnavailable
from memberships.models import Payment

log = get_task_logger(__name__)
BATCH = 500
SECONDS_UNTIL_ASKED_AGAIN = 60  # what is still in the queue by then has been queued anew


@shared_task
def sweep_orders() -> int:
    """Fulfil orders that are paid and were not applied, and close those that waited too long or whose payment is
    closed. Answers how many.

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
    for order in Order.objects.open().filter(payment__state=Payment.State.CLOSED)[:BATCH]:
        found += 1
        drop(order=order, state=Order.State.CANCELLED, now=timezone.now())
    return found


@shared_task
def watch_paid_orders() -> None:
    sound_the_alarm(now=timezone.now())


@shared_task(time_limit=3600, soft_time_limit=3500)
def check_books() -> None:
    """Log an error for each thing in the books that contradicts itself."""
    for finding in what_is_wrong(now=timezone.now()):
        log.error("the books: %s", finding)


@shared_task
def sum_days() -> None:
    """Add up the documents of days that are over, for the dashboard."""
    days.sum_days(now=timezone.now())


@shared_task
def sweep_sign_ups() -> None:
    """Make the sites whose membership has begun while nobody listened, and end the sign-ups that were left."""
    make_waiting_sites(now=timezone.now())
    keep_addresses_for_payment(now=timezone.now())
    leave_abandoned(now=timezone.now())


@shared_task
def renew_due_memberships() -> None:
    """Queue, in batches, the memberships whose period or trial has ended."""
    for membership_ids in due.memberships_to_renew(now=timezone.now()):
        renew_memberships.enqueue(membership_ids=membership_ids)


@shared_task(expires=SECONDS_UNTIL_ASKED_AGAIN)
def renew_memberships(*, membership_ids: list[int]) -> None:
    """Renew a batch. One in trouble must not keep the others waiting: then each is renewed by itself."""
    try:
        renew_all(membership_ids=membership_ids, now=timezone.now())
    except Exception:
        log.exception("memberships %s cannot be renewed together", membership_ids)
        for membership_id in membership_ids:
            try:
                renew(membership_id=membership_id, now=timezone.now())
            except Exception:
                log.exception("membership %s cannot be renewed", membership_id)


@shared_task
def try_unpaid_bills() -> None:
    """Queue, in batches, the bills whose saved card is to be charged again."""
    for payment_ids in due.bills_to_try(now=timezone.now()):
        collect_unpaid_bills.enqueue(payment_ids=payment_ids)


@shared_task(expires=SECONDS_UNTIL_ASKED_AGAIN)
def collect_unpaid_bills(*, payment_ids: list[int]) -> None:
    collect_bills(payment_ids=payment_ids, now=timezone.now())


@shared_task
def expire_overdue_memberships() -> None:
    """End the memberships that have been overdue for too long."""
    for membership_ids in due.memberships_to_expire(now=timezone.now()):
        for membership_id in membership_ids:
            try:
                expire_overdue(membership_id=membership_id, now=timezone.now())
            except GatewayUnavailable as error:
                log.warning("membership %s: its bill cannot be closed now: %s", membership_id, error)
            except Exception:  # see above
                log.exception("membership %s cannot be ended", membership_id)
