"""The counterpart of `apply_change`: a membership becomes again what it was before a change, and so does what was paid
for it."""

from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from memberships.models import (
    DiscountUse,
    Invoice,
    Membership,
    MembershipItem,
    ScheduledChange,
    Transition,
    WalletEntry,
)
from memberships.operations.apply_change import move_period, settle_scheduled_change
from memberships.operations.discounts import bring_back
from memberships.operations.invoicing import issue_credit_note
from memberships.operations.recurring import record_recurring_amount
from memberships.signals import entitlements_changed
from products import pricing


def take_back_change(
    *,
    membership: Membership,
    before: pricing.HeldMembership,
    as_of: datetime,
    applied_as: str,
    reference: str,
    to_card: int,
    actor: User | None,
    now: datetime,
) -> Invoice | None:
    """Bring `membership`, which the caller has locked, back to `before` the change that was priced at `as_of` and is
    named `applied_as`, inside the caller's transaction. Nothing may have changed since.

    Its bill is taken back line by line; `to_card` minor units of it go back to where they were paid from, which the
    caller sees to, the rest moves the wallet. Returns the document, or None when there was no bill. A `reference` that
    was used before is refused by the database (IntegrityError).
    """
    done = membership.transitions.get(reference=applied_as)
    invoice = membership.invoices.filter(reference=applied_as).first()
    settle_scheduled_change(membership=membership, applied=False, now=now)
    _schedule_again(done)
    _restore_items(membership, before, _given_back(invoice), as_of=as_of, now=now)
    bring_back(membership=membership, reference=applied_as, before=before.discount, now=now)
    move_period(membership, before)
    membership.move(Membership.State(before.status), now=now, actor=actor)
    document = None
    if invoice is not None:
        document = _take_back_bill(invoice, to_card=to_card, reference=reference, actor=actor, now=now)
    membership.transitions.create(
        kind="undone", came_from=done.went_to[:80], went_to=done.came_from, at=now, actor=actor, reference=reference
    )  # fmt: skip
    membership.revision += 1
    membership.save(update_fields=["revision"])
    record_recurring_amount(membership=membership, reference=reference, undone=applied_as, now=now)
    transaction.on_commit(
        partial(entitlements_changed.send_robust, Membership, membership_id=membership.pk, now=now)
    )
    return document


def _given_back(invoice: Invoice | None) -> dict[str, int]:
    """The items that the change gave credit for, by product code: they ended with it."""
    if invoice is None:
        return {}
    lines = invoice.lines.filter(type=pricing.LineType.CREDIT)
    return dict(lines.values_list("product__code", "item_id"))


def _restore_items(
    membership: Membership,
    before: pricing.HeldMembership,
    given_back: dict[str, int],
    *,
    as_of: datetime,
    now: datetime,
) -> None:
    """Make the rows of `before` the live ones: those that the change ended live again, those that it made end."""
    rows = (
        membership.items.filter(Q(ended_at=None) | Q(ended_at=as_of)).select_related("product").order_by("id")
    )
    by_product: dict[str, list[MembershipItem]] = {}
    for row in rows:
        by_product.setdefault(row.product.code, []).append(row)
    kept = {
        item: _row_of(item, by_product[item.product], given_back.get(item.product)) for item in before.items
    }
    staying = {row.pk for row in kept.values()}
    for row in rows:
        if row.ended_at is None and row.pk not in staying:
            row.ended_at = now
            row.save(update_fields=["ended_at"])
    for item, row in kept.items():
        row.ended_at, row.quantity, row.setup_fee_paid = None, item.quantity, item.setup_fee_paid
        row.unit_price, row.tax_percent = item.unit_price, item.tax_rate
        row.save(update_fields=["ended_at", "quantity", "setup_fee_paid", "unit_price", "tax_percent"])


def _row_of(item: pricing.HeldItem, rows: list[MembershipItem], given_back: int | None) -> MembershipItem:
    """The row that was `item` before the change: the one it gave credit for, else one that goes on at the same price,
    else the last that it ended."""
    newest_first = rows[::-1]
    return (
        next((row for row in newest_first if row.pk == given_back), None)
        or next((row for row in newest_first if row.ended_at is None and row.unit_price == item.unit_price), None)
        or next(row for row in newest_first if row.ended_at is not None)
    )  # fmt: skip


def _schedule_again(done: Transition) -> None:
    """What had been scheduled when the change took its place waits again, with its code."""
    replaced = (
        done.membership.scheduled_changes.filter(state=ScheduledChange.State.CANCELLED, settled_at=done.at)
        .exclude(reference=done.reference)
        .select_related("discount_use")
        .first()
    )
    if replaced is None:
        return
    replaced.state, replaced.settled_at = ScheduledChange.State.PENDING, None
    replaced.save(update_fields=["state", "settled_at"])
    if (
        replaced.discount_use is not None
    ):  # promised before whatever was reserved since, even beyond the code's cap
        replaced.discount_use.state, replaced.discount_use.settled_at = DiscountUse.State.RESERVED, None
        replaced.discount_use.save(update_fields=["state", "settled_at"])


def _take_back_bill(
    invoice: Invoice, *, to_card: int, reference: str, actor: User | None, now: datetime
) -> Invoice:
    document = issue_credit_note(
        invoice=invoice,
        refund_total=invoice.total,
        reference=reference,
        kind="undo",
        refunded=to_card,
        wallet_added=invoice.total - to_card,
        now=now,
    )
    moved = document.wallet_added - document.wallet_used
    if moved:
        WalletEntry.objects.create(
            membership=invoice.membership,
            amount=moved,
            reason=WalletEntry.Reason.UNDONE,
            reference=reference,
            actor=actor,
            created_at=now,
        )
    return document
