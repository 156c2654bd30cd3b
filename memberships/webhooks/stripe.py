"""What Stripe's events make us do: take the id, find the attempt we stored for it, ask Stripe for the truth."""

from datetime import datetime

from memberships.models import Attempt, InboundEvent
from memberships.operations.collection import advance
from memberships.webhooks.registry import on


@on(
    "checkout.session.completed",
    "checkout.session.expired",
    "payment_intent.succeeded",
    "payment_intent.payment_failed",
    "payment_intent.requires_action",
    "payment_intent.canceled",
)
def bring_the_attempt_up_to_date(event: InboundEvent, now: datetime) -> str:
    """An event is matched by an id we stored, never by guess; an unknown id causes no call to Stripe."""
    attempt = (
        Attempt.objects.select_related("payment__membership__customer")
        .filter(gateway_ref=event.object_id)
        .exclude(gateway_ref="")
        .first()
    )
    if attempt is None:
        return ""
    if attempt.is_open:
        advance(attempt=attempt, now=now)
    return f"attempt {attempt.uid} {attempt.state}, payment {attempt.payment.uid}"
