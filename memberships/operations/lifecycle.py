"""How a membership ends: cancelled at the end of what was paid for, at once, or expired unpaid. Nothing it holds is
taken from it, so that it can come back."""

import logging
from datetime import datetime

from django.db import transaction

from accounts.models import User
from memberships.billing.durable import durably
from memberships.billing.gateway import GatewayUnavailable
from memberships.models import Membership, Payment, Refund, ScheduledChange
from memberships.models.membership import TransitionNotAllowed
from memberships.notices import notify
from memberships.operations.apply_change import settle_scheduled_change
from memberships.operations.collection import close_payment
from memberships.operations.recurring import record_recurring_amount
from memberships.operations.refunds import reconcile_refund
from memberships.operations.unused import give_back_unused
from memberships.policies.lifecycle import cancels_at
from products.pricing import Status

log = logging.getLogger(__name__)


class PaymentUnderWay(Exception):
    """Money may still arrive for this membership: it must be paid or closed first."""

    def __init__(self, payment: Payment) -> None:
        super().__init__(f"Payment {payment.uid} is open.")
        self.payment = payment


@transaction.atomic
def cancel_at_period_end(
    *, membership: Membership, actor: User | None, reason: str, now: datetime
) -> ScheduledChange | None:
    """Cancel when what was paid for, or the trial, is used up; `keep_plan` takes it back until then. It replaces what
    was scheduled before.

    None when there is nothing to use up, so that the membership has ended now. Raises PaymentUnderWay, and
    TransitionNotAllowed for a membership that has ended.
    """
    _lock_settled(membership)
    at = cancels_at(
        status=Status(membership.state), period_end=membership.period_end, trial_end=membership.trial_end
    )
    if at is None:
        _end(membership, actor=actor, reason=reason, now=now)
        return None
    settle_scheduled_change(membership=membership, applied=False, now=now)
    membership.revision += 1
    membership.save(update_fields=["revision"])
    change = membership.scheduled_changes.create(
        kind=ScheduledChange.CANCELLATION,
        effective_at=at,
        interval_unit=membership.interval_unit,
        interval_count=membership.interval_count,
        reference=f"cancellation-{membership.uid}-{membership.revision}",
        reason=reason,
        created_at=now,
        actor=actor,
    )
    membership.transitions.create(
        kind=change.kind, at=now, actor=actor, reference=change.reference, reason=reason
    )
    notify(membership, "cancellation_scheduled", reference=change.reference, now=now)
    return change


def carry_out_cancellation(*, membership: Membership, change: ScheduledChange, now: datetime) -> None:
    """The day of `change` has come. Call it in a transaction that holds the membership's lock."""
    settle_scheduled_change(membership=membership, applied=True, now=now)
    membership.move(
        Membership.State.CANCELLED,
        now=now,
        since=change.effective_at,
        actor=change.actor,
        reason=change.reason,
    )
    record_recurring_amount(membership=membership, reference=change.reference, now=now)
    notify(membership, "cancelled", reference=change.reference, now=now)


def cancel_now(
    *, membership: Membership, actor: User | None, reason: str, refund: bool, now: datetime
) -> None:
    """End the membership at once. What waits for money is closed at the gateway first. With `refund` the unused part of
    what was really paid goes back; a gateway that cannot be asked for that leaves it to the sweep.

    Raises GatewayUnavailable or GatewayRefused when something cannot be closed, TransitionNotAllowed for a membership
    that has ended, and PaymentUnderWay when a new payment was begun meanwhile.
    """
    for payment in membership.payments.filter(state=Payment.State.OPEN):
        close_payment(payment=payment, now=now)
    refunds: list[Refund] = []
    with durably():
        _lock_settled(membership)
        if refund:
            refunds = give_back_unused(membership=membership, actor=actor, reason=reason, now=now)
        _end(membership, actor=actor, reason=reason, now=now)
    for started in refunds:
        try:
            reconcile_refund(refund=started, now=now)
        except GatewayUnavailable as error:
            log.warning("refund %s: the gateway is unavailable, the sweep asks again: %s", started.uid, error)


@transaction.atomic
def expire(*, membership: Membership, now: datetime) -> bool:
    """End an overdue membership whose bill was closed unpaid. False when it is not overdue, or may still be paid."""
    membership.lock()
    if membership.state != Membership.State.PAST_DUE or _under_way(membership) is not None:
        return False
    settle_scheduled_change(membership=membership, applied=False, now=now)
    membership.move(Membership.State.EXPIRED, now=now, reason="unpaid")
    reference = f"expired-{membership.uid}-{membership.revision}"
    record_recurring_amount(membership=membership, reference=reference, now=now)
    notify(membership, "expired", reference=reference, now=now)
    return True


def _end(membership: Membership, *, actor: User | None, reason: str, now: datetime) -> None:
    settle_scheduled_change(membership=membership, applied=False, now=now)
    membership.move(Membership.State.CANCELLED, now=now, actor=actor, reason=reason)
    reference = f"cancelled-{membership.uid}-{membership.revision}"
    record_recurring_amount(membership=membership, reference=reference, now=now)
    notify(membership, "cancelled", reference=reference, now=now)


def _lock_settled(membership: Membership) -> None:
    membership.lock()
    if membership.state in Membership.ENDED:
        raise TransitionNotAllowed(came_from=membership.state, to=Membership.State.CANCELLED)
    payment = _under_way(membership)
    if payment is not None:
        raise PaymentUnderWay(payment)


def _under_way(membership: Membership) -> Payment | None:
    return membership.payments.filter(state=Payment.State.OPEN).first()
