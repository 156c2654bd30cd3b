"""Money that arrived in the bank and was not asked for."""

from datetime import datetime

from memberships.models import Attempt, Payment, WalletEntry
from memberships.notices import notify


def credit_surplus(*, payment: Payment, now: datetime) -> int:
    """Put what has arrived for a settled `payment` and did not pay it into the wallet; answers how much, in minor
    units. What was put there before counts, so it may be called any number of times. The caller has locked the
    membership and the payment."""
    arrived = payment.receipts.total()
    if not arrived:
        return 0
    by_transfer = payment.attempts.filter(
        state=Attempt.State.SUCCEEDED, method=Attempt.Method.BANK_TRANSFER
    ).exists()
    reference = f"receipts-{payment.uid}"
    entries = WalletEntry.objects.of(payment.membership).filter(reference__startswith=reference)
    surplus = arrived - (payment.captured if by_transfer else 0) - entries.balance()
    if surplus:
        entry = WalletEntry.objects.create(
            membership=payment.membership,
            amount=surplus,
            reason=_REASONS[payment.state],
            reference=f"{reference}-{payment.receipts.count()}",
            created_at=now,
        )
        notify(payment.membership, "payment_credited", reference=entry.reference, now=now)
    return surplus


_REASONS: dict[str, str] = {
    Payment.State.PAID: WalletEntry.Reason.OVERPAID,
    Payment.State.CLOSED: WalletEntry.Reason.LATE_PAYMENT,
}
