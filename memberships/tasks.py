"""Work done outside the request. Thin: each task reads the clock and calls one operation."""

from datetime import timedelta

from celery import shared_task
from celery.utils.log import get_task_logger
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from memberships.billing.gateway import GatewayUnavailable
from memberships.mails.sending import send_notice
from memberships.models import Attempt, CardSetup, InboundEvent, Notice, Payment, Receipt, Refund
from memberships.operations import reminders
from memberships.operations.card_setup import reconcile_card_setup
from memberships.operations.collection import reconcile_payment
from memberships.operations.overrides import end_overdue_overrides
from memberships.operations.recurring import bring_into_line, out_of_line
from memberships.operations.refunds import UNDER_WAY, reconcile_refund
from memberships.operations.transfers import pay_from_receipts
from memberships.webhooks import inbox, missed

log = get_task_logger(__name__)
LEFT_BEHIND = timedelta(minutes=1)
BATCH = 500
AN_HOUR = 60 * 60  # seconds; then what is still in the queue has been queued anew


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
    """Ask the gateway about every payment under way, so that a lost webhook changes nothing. Answers how many.

    Nobody but staff can tell that a transfer has arrived, so there only what they entered counts.
    """
    open_attempts = Attempt.objects.filter(
        payment=OuterRef("pk"),
        state__in=[Attempt.State.STARTED, Attempt.State.WAITING],
        started_at__lte=timezone.now() - LEFT_BEHIND,
        refusal="",  # a bank that asks for its customer answers nobody else
    ).exclude(method=Attempt.Method.BANK_TRANSFER)
    receipts = Receipt.objects.filter(payment=OuterRef("pk"))
    under_way = Exists(open_attempts) | Q(state=Payment.State.OPEN) & Exists(receipts)
    payments = Payment.objects.filter(under_way).values_list("pk", flat=True)[:BATCH]
    for payment_id in payments:
        reconcile_one_payment.enqueue(payment_id=payment_id)
    return len(payments)


@shared_task
def reconcile_one_payment(*, payment_id: int) -> None:
    try:
        payment = reconcile_payment(payment=Payment.objects.get(pk=payment_id), now=timezone.now())
        pay_from_receipts(payment=payment, now=timezone.now())
    except GatewayUnavailable as error:
        log.warning(
            "payment %s: the gateway is unavailable, the next sweep asks again: %s", payment_id, error
        )


@shared_task
def sweep_refunds() -> int:
    """Ask the gateway about every refund under way. Answers how many."""
    before = timezone.now() - LEFT_BEHIND
    refunds = Refund.objects.filter(state__in=UNDER_WAY, created_at__lte=before).values_list("pk", flat=True)[
        :BATCH
    ]
    for refund_id in refunds:
        reconcile_one_refund.enqueue(refund_id=refund_id)
    return len(refunds)


@shared_task
def reconcile_one_refund(*, refund_id: int) -> None:
    try:
        reconcile_refund(refund=Refund.objects.get(pk=refund_id), now=timezone.now())
    except GatewayUnavailable as error:
        log.warning("refund %s: the gateway is unavailable, the next sweep asks again: %s", refund_id, error)


@shared_task
def sweep_card_setups() -> int:
    """Ask the gateway about every page to save a card that is not over. Answers how many."""
    before = timezone.now() - LEFT_BEHIND
    setups = CardSetup.objects.filter(state=CardSetup.State.OPEN, started_at__lte=before)
    found = setups.values_list("pk", flat=True)[:BATCH]
    for setup_id in found:
        reconcile_one_card_setup.enqueue(setup_id=setup_id)
    return len(found)


@shared_task
def reconcile_one_card_setup(*, setup_id: int) -> None:
    try:
        reconcile_card_setup(setup=CardSetup.objects.get(pk=setup_id), now=timezone.now())
    except GatewayUnavailable as error:
        log.warning("card setup %s: the gateway is unavailable: %s", setup_id, error)


@shared_task
def fetch_missed_events(*, hours: int) -> int:
    """Store and queue what the gateway has from the last `hours` and we have not. Answers how many."""
    now = timezone.now()
    try:
        new = missed.fetch_missed_events(since=now - timedelta(hours=hours), now=now)
    except GatewayUnavailable as error:
        log.warning("the gateway does not say what has happened there: %s", error)
        return 0
    for event_id in new:
        handle_inbound_event.enqueue(event_id=event_id)
    return len(new)


@shared_task
def sweep_recurring_amounts() -> int:
    """Write down what memberships bring in a month where rows were changed past the operations. Answers of how many."""
    return sum(bring_into_line(membership_id=key, now=timezone.now()) for key in out_of_line())


@shared_task
def queue_reminders() -> None:
    """Queue, in batches, whatever somebody is due to be reminded of."""
    now = timezone.now()
    for kind in reminders.SWEEPS:
        for keys in reminders.in_batches(kind=kind, now=now):
            write_reminders.enqueue(kind=kind, keys=keys)


@shared_task
def announce_price_campaigns() -> None:
    """Queue, in batches, the mails about price changes that were published or stopped."""
    now = timezone.now()
    for kind in ("price_change", "price_stays"):
        for keys in reminders.in_batches(kind=kind, now=now):
            write_reminders.enqueue(kind=kind, keys=keys)


@shared_task(expires=AN_HOUR)
def write_reminders(*, kind: str, keys: list[int]) -> None:
    reminders.remind(kind=kind, keys=keys, now=timezone.now())


@shared_task
def deliver_notice(*, notice_id: int) -> None:
    send_notice(notice_id=notice_id, now=timezone.now())


@shared_task
def deliver_notices(*, notice_ids: list[int]) -> None:
    """Send many mails. One that cannot be sent is left to the sweep, like all after which the worker died."""
    for notice_id in notice_ids:
        try:
            send_notice(notice_id=notice_id, now=timezone.now())
        except Exception:
            log.exception("notice %s could not be sent", notice_id)


@shared_task
def sweep_notices() -> int:
    """Send the mails whose task was lost, and those that a mail server did not take before. Answers how many."""
    left = Notice.objects.filter(next_try_at__lte=timezone.now() - LEFT_BEHIND).values_list("pk", flat=True)[
        :BATCH
    ]
    for notice_id in left:
        deliver_notice.enqueue(notice_id=notice_id)
    return len(left)


@shared_task
def end_overrides() -> int:
    """End what staff gave until now. Answers how many."""
    return end_overdue_overrides(now=timezone.now())
