"""Work done outside the request. Thin: each task reads the clock and calls one operation."""

from datetime import timedelta

from celery import shared_task
from celery.utils.log import get_task_logger
from django.db.models import Exists, OuterRef
from django.utils import timezone

from memberships.billing.gateway import GatewayUnavailable
from memberships.mails.sending import send_notice
from memberships.models import Attempt, InboundEvent, Notice, Payment
from memberships.operations.collection import reconcile_payment
from memberships.webhooks import inbox

log = get_task_logger(__name__)
LEFT_BEHIND = timedelta(minutes=1)
BATCH = 500


@shared_task(
    autoretry_for=(GatewayUnavailable,),
    max_retries=5,
    retry_backoff=2,
    retry_backoff_max=120,
    retry_jitter=True,
)
def handle_inbound_event(*, event_id: int) -> None:
    inbox.handle(event_id=event_id, now=timezone.now())


@shared_task
def sweep_inbound_events() -> int:
    """Queue again the events whose task was lost or failed. Answers how many."""
    events = InboundEvent.objects.left_behind(
        received_before=timezone.now() - LEFT_BEHIND, most_attempts=inbox.MOST_ATTEMPTS
    ).values_list("pk", flat=True)[:BATCH]
    for event_id in events:
        handle_inbound_event.enqueue(event_id=event_id)
    return len(events)


@shared_task
def sweep_payments() -> int:
    """Ask the gateway about every payment under way, so that a lost webhook changes nothing. Answers how many."""
    open_attempts = Attempt.objects.filter(
        payment=OuterRef("pk"),
        state__in=[Attempt.State.STARTED, Attempt.State.WAITING],
        started_at__lte=timezone.now() - LEFT_BEHIND,
    )
    payments = Payment.objects.filter(Exists(open_attempts)).values_list("pk", flat=True)[:BATCH]
    for payment_id in payments:
        reconcile_one_payment.enqueue(payment_id=payment_id)
    return len(payments)


@shared_task
def reconcile_one_payment(*, payment_id: int) -> None:
    try:
        reconcile_payment(payment=Payment.objects.get(pk=payment_id), now=timezone.now())
    except GatewayUnavailable as error:
        log.warning(
            "payment %s: the gateway is unavailable, the next sweep asks again: %s", payment_id, error
        )


@shared_task
def deliver_notice(*, notice_id: int) -> None:
    send_notice(notice_id=notice_id, now=timezone.now())


@shared_task
def sweep_notices() -> int:
    """Send the mails whose task was lost, and those that a mail server did not take before. Answers how many."""
    left = Notice.objects.filter(next_try_at__lte=timezone.now() - LEFT_BEHIND).values_list("pk", flat=True)[
        :BATCH
    ]
    for notice_id in left:
        deliver_notice.enqueue(notice_id=notice_id)
    return len(left)
