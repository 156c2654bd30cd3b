"""Sending in the background. The rows are the queue: the sweep finds what is due, soon after it was written."""

from celery import shared_task
from django.utils import timezone

from checkout.hooks import operations, telling

SECONDS_UNTIL_QUEUED_ANEW = 5


@shared_task
def sweep_messages(**_: object) -> None:
    for endpoint_id in operations.endpoints_with_work(now=timezone.now()):
        deliver_due.enqueue(endpoint_id=endpoint_id)


@shared_task(expires=SECONDS_UNTIL_QUEUED_ANEW)
def deliver_due(*, endpoint_id: int, **_: object) -> None:
    operations.deliver_due(endpoint_id=endpoint_id, clock=timezone.now)


@shared_task
def tell_owners(**_: object) -> None:
    """Write to the owners of endpoints that were disabled for failing."""
    for endpoint_id in telling.owners_to_tell():
        telling.tell_owner(endpoint_id=endpoint_id, now=timezone.now())


@shared_task
def forget_old_messages(**_: object) -> None:
    operations.forget_old(now=timezone.now())
