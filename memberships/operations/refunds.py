"""Give money back: the row is committed before the gateway is asked and carries its key, so money goes back once; it is
booked once, whether the answer, a webhook or the sweep tells first."""

import logging
from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import F, Sum
from django.db.models.functions import Coalesce

from accounts.models import User
from memberships.billing.choose import gateway_for
from memberships.billing.durable import durably
from memberships.billing.gateway import (
    GatewayRefused,
    GatewayUnavailable,
    RefundAnswer,
    RefundRequest,
    RefundState,
)
from memberships.models import Attempt, Invoice, Membership, Payment, Refund, WalletEntry
from memberships.notices import notify
from memberships.operations.invoicing import issue_credit_note

UNDER_WAY = (Refund.State.STARTED, Refund.State.PENDING)
CHANGING = ("gateway_ref", "state", "settled_at", "refusal", "credit_note")
log = logging.getLogger(__name__)


class MoreThanIsLeft(Exception):
    """More than can be given back. `left` is the most, in minor units."""

    def __init__(self, left: int) -> None:
        super().__init__(f"No more than {left} can be given back.")
        self.left = left


def refund(
    *, payment: Payment, amount: int, reason: str, actor: User | None, now: datetime, uid: UUID | None = None
) -> Refund:
    """Give `amount` minor units of a paid `payment` back to where they came from. The same `uid` again answers what it
    did.

    A gateway that cannot be asked leaves the rest to the sweep; the refund is then still under way. Raises
    MoreThanIsLeft.
    """
    with durably():
        started = start_refund(payment=payment, amount=amount, reason=reason, actor=actor, uid=uid, now=now)
    try:
        return reconcile_refund(refund=started, now=now)
    except GatewayUnavailable as error:
        log.warning("refund %s: the gateway is unavailable, the sweep asks again: %s", started.uid, error)
        return started


def start_refund(
    *,
    payment: Payment,
    amount: int,
    reason: str,
    actor: User | None,
    now: datetime,
    credit_note: Invoice | None = None,
    uid: UUID | None = None,
) -> Refund:
    """Write down a refund that `reconcile_refund`, or the sweep, carries out once the caller's transaction is
    committed. Locks membership and payment. Raises MoreThanIsLeft.

    With a `credit_note` the caller has booked it, otherwise it is booked when the gateway has given the money back. The
    same `uid` again is the same refund.
    """
    payment.lock()
    done = payment.refunds.filter(uid=uid).first() if uid else None
    if done is not None:
        return done
    left = refundable(payment) if credit_note is None else payment.captured - payment.refunds.total()
    if not 0 < amount <= left:
        raise MoreThanIsLeft(left)
    return payment.refunds.create(
        uid=uid or uuid4(),
        amount=amount,
        reason=reason,
        actor=actor,
        credit_note=credit_note,
        created_at=now,
    )


def refundable(payment: Payment) -> int:
    """The most that can be given back of `payment` now, in minor units: what was captured and has not gone back, as far
    as its invoice, or the wallet it went to instead, still covers it. Nothing, where another customer has what was paid
    for."""
    if went_along(payment):
        return 0
    booked = _left_of(_invoice_of(payment)) + max(payment.membership.wallet_entries.balance(), 0)
    under_way = payment.refunds.filter(state__in=UNDER_WAY, credit_note=None)
    return max(min(payment.captured - payment.refunds.total(), booked - under_way.total()), 0)


def went_along(payment: Payment) -> bool:
    """Whether the membership has passed to another customer since `payment` was paid, and what was paid for with it."""
    since = payment.settled_at
    return since is not None and payment.membership.transfers.filter(at__gte=since).exists()


def reconcile_refund(*, refund: Refund, now: datetime) -> Refund:
    """Bring a refund up to date with the gateway: send it if its answer was lost, look it up otherwise. Safe at any
    time, any number of times. Raises GatewayUnavailable."""
    if refund.state == Refund.State.FAILED:
        return refund
    try:
        answer = _ask(refund)
    except GatewayRefused as refused:
        if refund.gateway_ref:
            raise
        answer = RefundAnswer(ref="", state=RefundState.FAILED, amount=0, refusal=str(refused))
    _record(refund, answer, now)
    return refund


def _ask(refund: Refund) -> RefundAnswer:
    attempt = refund.payment.attempts.get(state=Attempt.State.SUCCEEDED)
    gateway = gateway_for(attempt.method)
    if refund.gateway_ref:
        return gateway.look_up_refund(refund.gateway_ref)
    return gateway.refund(
        RefundRequest(
            key=str(refund.uid),
            charge_ref=attempt.gateway_ref,
            amount=refund.amount,
            currency=refund.payment.currency,
        )
    )


@transaction.atomic
def _record(refund: Refund, answer: RefundAnswer, now: datetime) -> None:
    """Write down what the gateway says of `refund`. A failure is final; a success is not, since the bank may send the
    money back days later. Locks membership, payment, refund."""
    refund.payment.lock()
    refund.refresh_from_db(from_queryset=Refund.objects.select_for_update(), fields=CHANGING)
    if refund.state == Refund.State.FAILED:
        return
    was_booked = refund.state == Refund.State.SUCCEEDED or refund.credit_note_id is not None
    refund.gateway_ref = refund.gateway_ref or answer.ref
    match answer.state:
        case RefundState.PENDING if refund.state == Refund.State.STARTED:
            refund.state = Refund.State.PENDING
        case RefundState.SUCCEEDED if refund.state in UNDER_WAY:
            refund.state, refund.settled_at = Refund.State.SUCCEEDED, now
            if not was_booked:
                _book(refund, now)
        case RefundState.FAILED:
            refund.state, refund.settled_at = Refund.State.FAILED, now
            refund.refusal = answer.refusal[:240]
            if was_booked:
                _keep_for_the_customer(refund, now)
    refund.save(update_fields=CHANGING)


def _book(refund: Refund, now: datetime) -> None:
    """A credit note over what the invoice still covers. What it does not cover had become account credit, and that is
    taken from the wallet."""
    membership, invoice = refund.payment.membership, _invoice_of(refund.payment)
    documented = min(refund.amount, _left_of(invoice))
    if invoice is not None and documented:
        refund.credit_note = issue_credit_note(
            invoice=invoice,
            refund_total=documented,
            reference=reference_of(refund),
            kind="refund",
            refunded=refund.amount,
            wallet_added=documented - refund.amount,
            now=now,
        )
    if documented < refund.amount:
        _move_the_wallet(refund, documented - refund.amount, WalletEntry.Reason.REFUNDED, now)
    Membership.objects.filter(pk=membership.pk).update(
        revision=F("revision") + 1
    )  # less is paid for what is had
    notify(membership, "refunded", reference=reference_of(refund), facts={"amount": refund.amount}, now=now)


def _keep_for_the_customer(refund: Refund, now: datetime) -> None:
    """The bank did not take what was already booked as given back: it is still the customer's, in the wallet."""
    _move_the_wallet(refund, refund.amount, WalletEntry.Reason.REFUND_FAILED, now)
    notify(refund.payment.membership, "payment_credited", reference=reference_of(refund), now=now)


def _move_the_wallet(refund: Refund, amount: int, reason: WalletEntry.Reason, now: datetime) -> None:
    WalletEntry.objects.create(
        membership=refund.payment.membership,
        amount=amount,
        reason=reason,
        note=refund.refusal or refund.reason,
        reference=reference_of(refund),
        actor=refund.actor,
        created_at=now,
    )


def reference_of(refund: Refund) -> str:
    """How credit note, wallet entries and mails name the refund that caused them."""
    return f"refund-{refund.uid}"


def _invoice_of(payment: Payment) -> Invoice | None:
    return Invoice.objects.filter(payment=payment).first()


def _left_of(invoice: Invoice | None) -> int:
    """What of `invoice` no credit note has taken back, in minor units."""
    if invoice is None:
        return 0
    taken: int = invoice.corrections.aggregate(minor=Coalesce(Sum(F("net") + F("tax")), 0))["minor"]
    return max(invoice.total + taken, 0)
