"""What the gateway says of a payment beside what we say, and the one way in which the two are brought together: the
gateway is asked again, and what it says is booked as it always is. Nothing is ever typed over."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from accounts.models import User
from checkout.models import Order
from checkout.operations.fulfil import fulfil
from memberships.billing.choose import gateway_for
from memberships.billing.gateway import Charge, ChargeState, GatewayRefused, RefundState
from memberships.models import Attempt, Payment, Refund
from memberships.operations.collection import reconcile_payment, record
from memberships.operations.refunds import reconcile_refund


class Said(StrEnum):
    UNDER_WAY = "under_way"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What one side says of a try or a refund. Amounts are in minor units."""

    state: Said
    amount: int
    refunded: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A try or a refund as both sides see it. The gateway's is None when it knows of none."""

    subject: Attempt | Refund
    ours: Facts
    theirs: Facts | None

    @property
    def differs(self) -> bool:
        """Whether the two cannot both be right. What failed before the gateway heard of it is no matter."""
        if self.theirs is None:
            return self.ours.state != Said.FAILED
        return self.ours != self.theirs


def compare(*, payment: Payment) -> list[Compared]:
    """Ask the gateway about every try and every refund of `payment`; writes nothing. Raises GatewayUnavailable."""
    tries = list(payment.attempts.order_by("number"))
    paid_by = next((attempt for attempt in tries if attempt.state == Attempt.State.SUCCEEDED), None)
    compared = [_compared_try(attempt, payment) for attempt in tries]
    if paid_by is not None:
        compared += [_compared_refund(refund, paid_by) for refund in payment.refunds.order_by("pk")]
    return compared


def repair(*, order: Order, actor: User, reason: str, now: datetime) -> Order:
    """Book what the gateway says of every try and every refund of `order`, carry out what follows, and write down who
    asked for it and why. Safe at any time. Raises GatewayUnavailable."""
    if order.payment is not None:
        reconcile_payment(payment=order.payment, now=now)
        for attempt in order.payment.attempts.filter(state=Attempt.State.FAILED):
            charge = _charge_of(attempt)
            if charge is not None:
                record(attempt=attempt, charge=charge, now=now)
        for refund in order.payment.refunds.all():
            reconcile_refund(refund=refund, now=now)
    order = fulfil(order=order, now=now)
    order.membership.transitions.create(kind="repaired", at=now, actor=actor, reason=reason[:240])
    return order


def _compared_try(attempt: Attempt, payment: Payment) -> Compared:
    succeeded = attempt.state == Attempt.State.SUCCEEDED
    given_back = payment.refunds.exclude(state=Refund.State.FAILED).exclude(gateway_ref="")
    ours = Facts(
        state=_OUR_TRIES[attempt.state],
        amount=payment.captured if succeeded else 0,
        refunded=sum(given_back.values_list("amount", flat=True)) if succeeded else 0,
    )
    charge = _charge_of(attempt)
    theirs = None
    if charge is not None:
        # what was prepared and not confirmed can be charged by nobody but us
        over = charge.state == ChargeState.PREPARED and ours.state == Said.FAILED
        state = Said.FAILED if over else _THEIR_TRIES[charge.state]
        theirs = Facts(state=state, amount=charge.captured, refunded=charge.refunded)
    return Compared(subject=attempt, ours=ours, theirs=theirs)


def _compared_refund(refund: Refund, paid_by: Attempt) -> Compared:
    theirs = None
    if refund.gateway_ref:
        try:
            answer = gateway_for(paid_by.method).look_up_refund(refund.gateway_ref)
            theirs = Facts(state=_THEIR_REFUNDS[answer.state], amount=answer.amount)
        except GatewayRefused:
            theirs = None
    return Compared(
        subject=refund, ours=Facts(state=_OUR_REFUNDS[refund.state], amount=refund.amount), theirs=theirs
    )


def _charge_of(attempt: Attempt) -> Charge | None:
    """What the gateway knows of `attempt`; None where that is nothing."""
    if not attempt.gateway_ref:
        return None
    try:
        return gateway_for(attempt.method).look_up(attempt.gateway_ref)
    except GatewayRefused:
        return None


_OUR_TRIES: dict[str, Said] = {
    Attempt.State.STARTED: Said.UNDER_WAY,
    Attempt.State.WAITING: Said.UNDER_WAY,
    Attempt.State.SUCCEEDED: Said.DONE,
    Attempt.State.FAILED: Said.FAILED,
}
_THEIR_TRIES = {
    ChargeState.PREPARED: Said.UNDER_WAY,
    ChargeState.WAITING: Said.UNDER_WAY,
    ChargeState.ACTION_NEEDED: Said.UNDER_WAY,
    ChargeState.SUCCEEDED: Said.DONE,
    ChargeState.FAILED: Said.FAILED,
}
_OUR_REFUNDS: dict[str, Said] = {
    Refund.State.STARTED: Said.UNDER_WAY,
    Refund.State.PENDING: Said.UNDER_WAY,
    Refund.State.SUCCEEDED: Said.DONE,
    Refund.State.FAILED: Said.FAILED,
}
_THEIR_REFUNDS = {
    RefundState.PENDING: Said.UNDER_WAY,
    RefundState.SUCCEEDED: Said.DONE,
    RefundState.FAILED: Said.FAILED,
}
