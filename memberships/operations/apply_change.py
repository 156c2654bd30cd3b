"""Make a priced change real: items, period, wallet, invoice and history, in one transaction and once per reference."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction

from accounts.models import User
from memberships.models import (
    DiscountUse,
    Invoice,
    Membership,
    MembershipItem,
    Payment,
    ScheduledChange,
    ScheduledItem,
    WalletEntry,
)
from memberships.operations.discounts import release, reserved_for, settle_discount
from memberships.operations.invoicing import draft_invoice, issue
from memberships.operations.picks import Pick
from memberships.operations.recurring import record_recurring_amount
from memberships.operations.terms import Terms, terms_of
from memberships.signals import entitlements_changed
from products import pricing


def apply_change(
    *,
    membership: Membership,
    price: pricing.Quote,
    picks: Sequence[Pick],
    explanations: Mapping[str, Sequence[str]],
    payment: Payment | None,
    reference: str,
    actor: User | None,
    now: datetime,
    reason: str = "",
) -> Invoice | None:
    """Apply what `price` says to `membership`, which the caller has locked, inside the caller's transaction.

    `picks` is the complete wanted state that was priced. It counts from `price.effective_at`; `now` is when it
    is written down. What takes effect at the period's end is written down as the
    scheduled change instead. Returns the invoice, or None when nothing was charged or credited. A `reference` that was
    applied before is refused by the database (IntegrityError).
    """
    assert transaction.get_connection().in_atomic_block, "apply_change belongs into its caller's transaction"
    terms = terms_of(membership)
    came_from, went_to = describe(terms, picks, price)
    invoice, entered = None, reserved_for(membership=membership, reference=reference)
    if price.effective != pricing.Effective.PERIOD_END:
        is_renewal = price.kind == pricing.Kind.RENEWAL
        waited = settle_scheduled_change(membership=membership, applied=is_renewal, now=now)
        if is_renewal and waited is not None:
            entered = waited.discount_use
    if price.effective in {pricing.Effective.NOW, pricing.Effective.BOTH}:
        invoice = _apply_now(
            terms, price, picks, explanations, payment, entered=entered, reference=reference, actor=actor,
            now=now, came_from=came_from, went_to=went_to,
        )  # fmt: skip
    if price.effective in {pricing.Effective.PERIOD_END, pricing.Effective.BOTH}:
        waiting = entered if price.effective == pricing.Effective.PERIOD_END else None
        _schedule(membership, price, picks, waiting, reference=reference, actor=actor, now=now)
    membership.transitions.create(
        kind=price.kind,
        came_from=came_from,
        went_to=went_to,
        at=now,
        actor=actor,
        reference=reference,
        reason=reason,
    )
    membership.revision += 1
    membership.save(update_fields=["revision"])
    if price.effective != pricing.Effective.PERIOD_END:
        record_recurring_amount(membership=membership, reference=reference, now=now)
    transaction.on_commit(
        partial(entitlements_changed.send_robust, Membership, membership_id=membership.pk, now=now)
    )
    return invoice


def describe(terms: Terms, picks: Sequence[Pick], price: pricing.Quote) -> tuple[str, str]:
    """What the change leads from and to, in product names: plans for a change of plan, packages otherwise."""
    wanted_plan = next(pick for pick in picks if pick.product.is_plan)
    if price.kind in {pricing.Kind.ADDON, pricing.Kind.MIXED, pricing.Kind.REMOVAL}:
        held = {item.product_id: item for item in terms.items if not item.product.is_plan}
        wanted = {pick.product.pk: pick for pick in picks if not pick.product.is_plan}
        fewer = [
            item.product.name for pk, item in held.items()
            if item.price.is_recurring and (pk not in wanted or wanted[pk].quantity < item.quantity)
        ]  # fmt: skip
        more = [
            pick.product.name for pk, pick in wanted.items()
            if pk not in held or pick.quantity > held[pk].quantity
        ]  # fmt: skip
        return ", ".join(fewer)[:80], ", ".join(more)[:240]
    return (terms.plan.product.name if terms.plan else ""), wanted_plan.product.name


def _apply_now(
    terms: Terms,
    price: pricing.Quote,
    picks: Sequence[Pick],
    explanations: Mapping[str, Sequence[str]],
    payment: Payment | None,
    *,
    entered: DiscountUse | None,
    reference: str,
    actor: User | None,
    now: datetime,
    came_from: str,
    went_to: str,
) -> Invoice | None:
    membership, after, at = terms.membership, price.after, price.effective_at
    assert after is not None, "a change that takes effect says what there is afterwards"
    assert at is not None, "a change that takes effect says when"
    credited = {item.product.code: item for item in terms.items}
    given_back = {line.product for line in price.lines if line.type == pricing.LineType.CREDIT}
    charged = _replace_items(terms, after, picks, given_back=given_back, at=at)
    invoice = None
    if price.lines:
        draft = draft_invoice(
            membership=membership, kind=price.kind, came_from=came_from, went_to=went_to, price=price,
            charged=charged, credited=credited, explanations=explanations, payment=payment, reference=reference,
            as_of=at, now=now,
        )  # fmt: skip
        issue([draft], now=now)
        invoice = draft.invoice
    _move_wallet(membership, price, reference=reference, actor=actor, now=now)
    settle_discount(membership=membership, entered=entered, after=after.discount, now=now)
    move_period(membership, after)
    if after.status == pricing.Status.TRIALING and not membership.customer.trial_used:
        membership.customer.trial_used = True
        membership.customer.save(update_fields=["trial_used"])
    if membership.state != after.status:
        membership.move(Membership.State(after.status), now=now, actor=actor)
    return invoice


def _replace_items(
    terms: Terms,
    after: pricing.HeldMembership,
    picks: Sequence[Pick],
    *,
    given_back: Collection[str],
    at: datetime,
) -> dict[str, MembershipItem]:
    """Turn the live items into those of `after`; a row stays when its product stays at the same price, unless what was
    paid for it was given back and it is paid anew. What stays is sold anew, at today's tax, with each period. Answers
    the live items by product code."""
    sold_anew = after.period != terms.membership.period
    rows = {item.product.code: item for item in terms.items}
    wanted = {pick.product.code: pick for pick in picks}
    live: dict[str, MembershipItem] = {}
    for item in after.items:
        row, pick = rows.get(item.product), wanted.get(item.product)
        if row is None or item.product in given_back:
            continue
        if pick is None or pick.price.pk == row.price_id:
            _carry_on(row, item, sold_anew=sold_anew)
            live[item.product] = row
    for code, row in rows.items():
        if code not in live:
            row.ended_at = at
            row.save(update_fields=["ended_at"])
    for item in after.items:
        if item.product not in live:
            pick, row = wanted[item.product], rows.get(item.product)
            goes_on = row if row is not None and row.price_id == pick.price.pk else None
            live[item.product] = MembershipItem.objects.create(
                membership=terms.membership,
                product=pick.product,
                price=pick.price,
                quantity=item.quantity,
                unit_price=item.unit_price,
                setup_fee_paid=item.setup_fee_paid,
                tax_percent=item.tax_rate,
                added_at=at,
                next_price=goes_on.next_price if goes_on else None,
                next_price_from=goes_on.next_price_from if goes_on else None,
            )
    return live


def _carry_on(row: MembershipItem, item: pricing.HeldItem, *, sold_anew: bool) -> None:
    """Bring a row that stays up to date with `item`."""
    figures: dict[str, Any] = {"quantity": item.quantity, "setup_fee_paid": item.setup_fee_paid}
    if sold_anew:
        figures |= {"unit_price": item.unit_price, "tax_percent": item.tax_rate}
    changed = {field: figure for field, figure in figures.items() if getattr(row, field) != figure}
    for field, figure in changed.items():
        setattr(row, field, figure)
    if changed:
        row.save(update_fields=changed)


def _move_wallet(
    membership: Membership, price: pricing.Quote, *, reference: str, actor: User | None, now: datetime
) -> None:
    moved = price.wallet_added - price.wallet_used
    if moved == 0:
        return
    if price.wallet_added:
        carried = price.total > 0  # a credit is added by a bill below zero; a debt is carried by one above it
        reason = WalletEntry.Reason.CARRIED if carried else WalletEntry.Reason.CHANGE_CREDIT
    else:
        carried = price.due_now == 0 and membership.wallet_entries.balance() + moved < 0
        reason = WalletEntry.Reason.CARRIED if carried else WalletEntry.Reason.USED
    WalletEntry.objects.create(
        membership=membership, amount=moved, reason=reason, reference=reference, actor=actor, created_at=now
    )


def move_period(membership: Membership, after: pricing.HeldMembership) -> None:
    """Give `membership`, which the caller has locked, the period, anchor, trial and interval of `after`."""
    membership.anchor = after.anchor
    membership.period_start = after.period.start if after.period else None
    membership.period_end = after.period.end if after.period else None
    membership.trial_end = after.trial_end
    membership.interval_unit, membership.interval_count = after.interval.unit, after.interval.count
    membership.save(
        update_fields=["anchor", "period_start", "period_end", "trial_end", "interval_unit", "interval_count"]
    )


def _schedule(
    membership: Membership,
    price: pricing.Quote,
    picks: Sequence[Pick],
    discount_use: DiscountUse | None,
    *,
    reference: str,
    actor: User | None,
    now: datetime,
) -> None:
    settle_scheduled_change(membership=membership, applied=False, now=now)
    plan = next(pick for pick in picks if pick.product.is_plan)
    period_end = membership.period_end or price.effective_at
    assert period_end is not None, "a change waits for the end of a period or of a trial"
    change = ScheduledChange.objects.create(
        membership=membership,
        kind=price.kind,
        effective_at=period_end,
        interval_unit=plan.price.interval_unit,
        interval_count=plan.price.interval_count,
        discount_use=discount_use,
        reference=reference,
        created_at=now,
        actor=actor,
    )
    ScheduledItem.objects.bulk_create(
        ScheduledItem(change=change, product=pick.product, price=pick.price, quantity=pick.quantity)
        for pick in picks
    )


def settle_scheduled_change(
    *, membership: Membership, applied: bool, now: datetime
) -> ScheduledChange | None:
    """Mark the pending change as applied, or as taken back: the code that waited with it may then be used again. None
    when there is no such change."""
    pending = membership.scheduled_changes.filter(state=ScheduledChange.State.PENDING)
    change = pending.select_related("discount_use").first()
    if change is None:
        return None
    change.state = ScheduledChange.State.APPLIED if applied else ScheduledChange.State.CANCELLED
    change.settled_at = now
    change.save(update_fields=["state", "settled_at"])
    if change.discount_use is not None and not applied:
        release(reference=change.discount_use.reference, now=now)
    return change
