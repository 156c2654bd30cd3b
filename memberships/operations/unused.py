"""What was paid for time that a cancelled membership will not use, on its way back."""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db.models import Max

from accounts.models import User
from memberships.models import Invoice, Membership, Refund, WalletEntry
from memberships.operations.invoicing import issue_credit_note
from memberships.operations.refunds import refundable, start_refund
from memberships.operations.terms import held, terms_of
from products.pricing.credit import credit_lines


def unused_credit(membership: Membership, *, now: datetime) -> int:
    """What was really paid for the time from `now` to the end of the running period, with tax, in minor units: the
    credit that a change at `now` would give. What is on its way back already is not in it."""
    facts = held(terms_of(membership))
    if facts is None:
        return 0
    lines = credit_lines(facts, as_of=now, prices_include_tax=settings.PRICES_INCLUDE_TAX)
    under_way = Refund.objects.filter(payment__membership=membership, credit_note=None)
    return max(-sum(line.net + line.tax for line in lines) - under_way.total(), 0)


def give_back_unused(
    *, membership: Membership, actor: User | None, reason: str, now: datetime
) -> list[Refund]:
    """Give the unused credit back, in the caller's transaction, which holds the membership's lock: to the card what was
    taken from it for this period, and what was paid from the wallet into the wallet. Answers the refunds, which
    `reconcile_refund`, or the sweep, carries out once they are committed.
    """
    left, refunds = unused_credit(membership, now=now), []
    for invoice in _bills_of_the_period(membership):
        amount = min(left, refundable(invoice.payment)) if invoice.payment else 0
        if invoice.payment and amount:
            refunds.append(
                start_refund(payment=invoice.payment, amount=amount, reason=reason, actor=actor, now=now)
            )
            left -= amount
    if left:
        _into_wallet(membership, left, actor=actor, reason=reason, now=now)
    return refunds


def _bills_of_the_period(membership: Membership) -> Sequence[Invoice]:
    """The bills that paid for the running period, newest first. Those of a former customer stay as they are: they bear
    their name."""
    if membership.period is None:
        return []
    passed_on = membership.transfers.aggregate(at=Max("at"))["at"] or membership.created_at
    return list(
        membership.invoices.filter(
            issued_at__gte=passed_on,
            type=Invoice.Type.INVOICE,
            lines__covers_end__lte=membership.period_end,
            lines__covers_start__gte=membership.period_start,
        )
        .select_related("payment")
        .distinct()
        .order_by("-id")
    )


def _into_wallet(
    membership: Membership, amount: int, *, actor: User | None, reason: str, now: datetime
) -> None:
    """The bills are corrected as far as anything is left of them; what came from a credit of before has no bill."""
    reference = f"unused-{membership.uid}-{membership.revision}"
    to_correct = amount
    for invoice in _bills_of_the_period(membership):
        refunded = invoice.payment.refunds.total() if invoice.payment else 0
        corrected = sum(note.wallet_added for note in invoice.corrections.all())
        part = min(to_correct, invoice.total - refunded - corrected)
        if part > 0:
            issue_credit_note(
                invoice=invoice,
                refund_total=part,
                reference=f"{reference}-{invoice.number}",
                kind="refund",
                refunded=0,
                wallet_added=part,
                now=now,
            )
            to_correct -= part
    WalletEntry.objects.create(
        membership=membership,
        amount=amount,
        reason=WalletEntry.Reason.CHANGE_CREDIT,
        note=reason,
        reference=reference,
        actor=actor,
        created_at=now,
    )
