"""Account credit that staff give or take, with a reason."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from memberships.models import Membership, WalletEntry


class BelowZero(Exception):
    """Taking that much leaves the wallet owing. `balance` is what it would be, in minor units."""

    def __init__(self, balance: int) -> None:
        super().__init__(f"The wallet would be at {balance}.")
        self.balance = balance


@transaction.atomic
def adjust(
    *,
    membership: Membership,
    amount: int,
    note: str,
    actor: User,
    reference: str,
    now: datetime,
    into_debt: bool = False,
) -> WalletEntry:
    """Add `amount` to the wallet of `membership` (minor units; below zero takes away), once per `reference`: the same
    one again answers the entry of the first time.

    Raises BelowZero unless `into_debt` was agreed to; the next bill then collects the debt. Quotes hold the wallet they
    were made with and go stale by themselves. An order under way may have counted on what is taken away, so that
    also raises the revision; credit that is added leaves it payable as it was agreed.
    """
    membership.lock()
    earlier = membership.wallet_entries.filter(reference=reference).first()
    if earlier is not None:
        return earlier
    balance = membership.wallet_entries.balance() + amount
    if amount < 0 and balance < 0 and not into_debt:
        raise BelowZero(balance)
    if amount < 0:
        membership.revision += 1
        membership.save(update_fields=["revision"])
    return membership.wallet_entries.create(
        amount=amount,
        reason=WalletEntry.Reason.ADJUSTMENT,
        note=note,
        reference=reference,
        actor=actor,
        created_at=now,
    )
