"""A membership passes from one customer to another, with all it holds. Money under way must be settled first."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.confirmation import is_confirmed
from accounts.models import User
from memberships.models import Customer, Membership, MembershipTransfer, Payment, Refund
from memberships.notices import notify

SETTLED = frozenset({Refund.State.SUCCEEDED, Refund.State.FAILED})


class TransferRefused(Exception):
    """The membership stays where it is. `code` is one of `same` (it is theirs), `own` (it would go to who transfers
    it), `unconfirmed` (anybody can have made the account), `not_begun`, `money_open` (a payment or a refund is under
    way, or a bill is overdue) and `debt` (the wallet is below zero)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@transaction.atomic
def pass_on(
    *,
    membership: Membership,
    to: Customer,
    sites: Sequence[str],
    reason: str,
    actor: User,
    uid: UUID,
    now: datetime,
) -> MembershipTransfer:
    """Let `to` pay for `membership` from now on, and have what it holds: plan, period, wallet, planned change. Saved
    cards and what was billed before stay with who had it. Both are told by mail, with the names of its `sites`.

    The same `uid` again answers what it did. Raises TransferRefused.
    """
    membership.lock()
    done = membership.transfers.filter(uid=uid).first()
    if done is not None:
        return done
    _refuse(membership, to, actor)
    before = membership.customer
    transfer = membership.transfers.create(
        uid=uid, came_from=before, went_to=to, reason=reason, actor=actor, at=now
    )
    membership.customer = to
    membership.revision += 1
    membership.save(update_fields=["customer", "revision"])
    if membership.state == Membership.State.TRIALING and not to.trial_used:
        to.trial_used = True
        to.save(update_fields=["trial_used"])
    reference = f"transfer-{uid}"
    membership.transitions.create(
        kind="transferred",
        came_from=str(before)[:80],
        went_to=str(to)[:240],
        at=now,
        actor=actor,
        reference=reference,
        reason=reason,
    )
    facts = {"sites": list(sites)}
    notify(membership, "passed_on", reference=reference, facts=facts, to=before, now=now)
    notify(membership, "taken_over", reference=reference, facts=facts, now=now)
    return transfer


def _refuse(membership: Membership, to: Customer, actor: User) -> None:
    if membership.customer_id == to.pk:
        raise TransferRefused("same")
    if to.user_id == actor.pk:
        raise TransferRefused("own")
    if not is_confirmed(to.user):
        raise TransferRefused("unconfirmed")
    if membership.state == Membership.State.PENDING:
        raise TransferRefused("not_begun")
    refunds = Refund.objects.filter(payment__membership=membership).exclude(state__in=SETTLED)
    waiting = membership.payments.filter(state=Payment.State.OPEN)
    if membership.state == Membership.State.PAST_DUE or waiting.exists() or refunds.exists():
        raise TransferRefused("money_open")
    if membership.wallet_entries.balance() < 0:
        raise TransferRefused("debt")
