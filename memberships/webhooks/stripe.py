"""What Stripe's events make us do: take the id, find the row that we stored it in, ask Stripe for the truth. An event
is matched by such an id, never by guess; an unknown one causes no call to Stripe."""

from datetime import datetime

from memberships.models import Attempt, CardSetup, InboundEvent, Refund
from memberships.operations.card_setup import reconcile_card_setup
from memberships.operations.cards import reconcile_card
from memberships.operations.collection import advance
from memberships.operations.refunds import reconcile_refund
from memberships.webhooks.registry import on


@on("checkout.session.completed", "checkout.session.expired")
def bring_the_page_up_to_date(event: InboundEvent, now: datetime) -> str:
    """A page was for a payment, or for saving a card."""
    return bring_the_attempt_up_to_date(event, now) or _bring_the_card_setup_up_to_date(event, now)


@on(
    "payment_intent.succeeded",
    "payment_intent.payment_failed",
    "payment_intent.requires_action",
    "payment_intent.canceled",
)
def bring_the_attempt_up_to_date(event: InboundEvent, now: datetime) -> str:
    attempts = Attempt.objects.select_related("payment__membership__customer")
    attempt = attempts.filter(gateway_ref=event.object_id).exclude(gateway_ref="").first()
    if attempt is None:
        return ""
    if attempt.is_open:
        advance(attempt=attempt, now=now)
    return f"attempt {attempt.uid} {attempt.state}, payment {attempt.payment.uid}"


@on("refund.created", "refund.updated", "refund.failed", "charge.refund.updated")
def bring_the_refund_up_to_date(event: InboundEvent, now: datetime) -> str:
    refunds = Refund.objects.select_related("payment__membership__customer")
    refund = refunds.filter(gateway_ref=event.object_id).exclude(gateway_ref="").first()
    if refund is None:
        return ""
    reconcile_refund(refund=refund, now=now)
    return f"refund {refund.uid} {refund.state}"


@on("payment_method.updated", "payment_method.automatically_updated", "payment_method.detached")
def bring_the_card_up_to_date(event: InboundEvent, now: datetime) -> str:  # noqa: ARG001 -- a handler's signature
    return reconcile_card(gateway_ref=event.object_id)


def _bring_the_card_setup_up_to_date(event: InboundEvent, now: datetime) -> str:
    setups = CardSetup.objects.select_related("customer__user")
    setup = setups.filter(gateway_ref=event.object_id).exclude(gateway_ref="").first()
    if setup is None:
        return ""
    reconcile_card_setup(setup=setup, now=now)
    return f"card setup {setup.uid} {setup.state}"
