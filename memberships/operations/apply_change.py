"""Make a priced change real: items, period, wallet, invoice and history, in one transaction and once per reference."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial

from django.db import transaction

from accounts.models import User
from memberships.models import (
    Invoice,
    Membership,
    MembershipItem,
    Payment,
    ScheduledChange,
    ScheduledItem,
    WalletEntry,
)
from memberships.operations.invoicing import issue_invoice
from memberships.operations.picks import Pick
from memberships.operations.terms import Terms, terms_of
from memberships.signals import entitlements_changed
from products import pricing

LIVE_AFTER = {
    pricing.Kind.TRIAL: Membership.State.TRIALING,
    pricing.Kind.NEW: Membership.State.ACTIVE,
    pricing.Kind.REACTIVATION: Membership.State.ACTIVE,
}


def apply_change(
    *,
    membership: Membership,
    price: pricing.Quote,
    picks: Sequence[Pick],
    explanations: Mapping[str, Sequence[str]],
    payment: Payment | None,
    reference: str,
    actor: User | None,
    as_of: datetime,
    now: datetime,
) -> Invoice | None:
    """Apply what `price` says to `membership`, which the caller has locked, inside the caller's transaction.

    `picks` is the complete wanted state that was priced at `as_of`, the instant from which it counts; `now` is when it is
    written down. What takes effect at the period's end is written down as the
    scheduled change instead. Returns the invoice, or None when nothing was charged or credited. A `reference` that was
    applied before is refused by the database (IntegrityError).
    """
    assert transaction.get_connection().in_atomic_block, "apply_change belongs into its caller's transaction"
    terms = terms_of(membership)
    came_from, went_to = describe(terms, picks, price)
    invoice = None
    if price.effective in {pricing.Effective.NOW, pricing.Effective.BOTH}:
        invoice = _apply_now(
            terms, price, picks, explanations, payment, reference=reference, actor=actor, as_of=as_of,
            now=now, came_from=came_from, went_to=went_to,
        )  # fmt: skip
    if price.effective in {pricing.Effective.PERIOD_END, pricing.Effective.BOTH}:
        _schedule(membership, price, picks, reference=reference, actor=actor, now=now)
    membership.transitions.create(
        kind=price.kind, came_from=came_from, went_to=went_to, at=now, actor=actor, reference=reference
    )
    membership.revision += 1
    membership.save(update_fields=["revision"])
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
    reference: str,
    actor: User | None,
    as_of: datetime,
    now: datetime,
    came_from: str,
    went_to: str,
) -> Invoice | None:
    membership = terms.membership
    cancel_scheduled_change(membership=membership, now=now)
    credited = {item.product.code: item for item in terms.items}
    charged = _replace_items(terms, picks, only_add=price.effective == pricing.Effective.BOTH, now=as_of)
    invoice = None
    if price.lines:
        invoice = issue_invoice(
            membership=membership, kind=price.kind, came_from=came_from, went_to=went_to, price=price,
            charged=charged, credited=credited, explanations=explanations, payment=payment, reference=reference,
            as_of=as_of, now=now,
        )  # fmt: skip
    _move_wallet(membership, price, reference=reference, actor=actor, now=now)
    _move_period(membership, price, picks)
    if price.trial_end is not None and price.kind == pricing.Kind.TRIAL:
        membership.customer.trial_used = True
        membership.customer.save(update_fields=["trial_used"])
    to = LIVE_AFTER.get(price.kind)
    if to is not None and membership.state != to:
        membership.move(to, now=now, actor=actor)
    return invoice


def _replace_items(
    terms: Terms, picks: Sequence[Pick], *, only_add: bool, now: datetime
) -> dict[str, MembershipItem]:
    """Turn the live items into `picks`, keeping the row of what stays at the same price. One-off items bought before
    stay on the membership. With `only_add` nothing ends and no quantity falls. Answers the live items by product code."""
    live: dict[str, MembershipItem] = {}
    wanted = {pick.product.pk: pick for pick in picks}
    for item in terms.items:
        pick = wanted.get(item.product_id)
        if pick is not None and pick.price.pk == item.price_id:
            quantity = max(item.quantity, pick.quantity) if only_add or not item.price.is_recurring else pick.quantity
            if quantity != item.quantity:
                item.quantity = quantity
                item.save(update_fields=["quantity"])
            live[item.product.code] = item
        elif only_add or not item.price.is_recurring:
            live[item.product.code] = item
        else:
            item.ended_at = now
            item.save(update_fields=["ended_at"])
    for pick in picks:
        if pick.product.code not in live:
            live[pick.product.code] = _add_item(terms, pick, now)
    return live


def _add_item(terms: Terms, pick: Pick, now: datetime) -> MembershipItem:
    """A setup fee is a product's own, except for plans: what was paid for one plan counts for the next."""
    before = terms.plan if pick.product.is_plan else terms.item_of(pick.product.pk)
    return MembershipItem.objects.create(
        membership=terms.membership,
        product=pick.product,
        price=pick.price,
        quantity=pick.quantity,
        unit_price=pick.price.amount,
        setup_fee_paid=max(pick.price.setup_fee, before.setup_fee_paid if before else 0),
        tax_percent=pick.product.tax_rate.percent if pick.product.tax_rate else 0,
        added_at=now,
    )


def _move_wallet(
    membership: Membership, price: pricing.Quote, *, reference: str, actor: User | None, now: datetime
) -> None:
    moved = price.wallet_added - price.wallet_used
    if moved == 0:
        return
    if moved > 0:
        reason = WalletEntry.Reason.CHANGE_CREDIT if price.wallet_added else WalletEntry.Reason.USED
    else:
        after = membership.wallet_entries.balance() + moved
        reason = WalletEntry.Reason.CARRIED if after < 0 else WalletEntry.Reason.USED
    WalletEntry.objects.create(
        membership=membership, amount=moved, reason=reason, reference=reference, actor=actor, created_at=now
    )


def _move_period(membership: Membership, price: pricing.Quote, picks: Sequence[Pick]) -> None:
    """Take over period, trial end and interval. The anchor moves only when a new period starts."""
    plan = next(pick for pick in picks if pick.product.is_plan)
    if price.period is None:
        membership.anchor = membership.period_start = membership.period_end = None
    else:
        if price.period.start != membership.period_start:
            membership.anchor = price.period.start
        membership.period_start, membership.period_end = price.period.start, price.period.end
    membership.trial_end = price.trial_end
    if plan.price.is_recurring:
        membership.interval_unit, membership.interval_count = plan.price.interval_unit, plan.price.interval_count
    membership.save(
        update_fields=["anchor", "period_start", "period_end", "trial_end", "interval_unit", "interval_count"]
    )


def _schedule(
    membership: Membership,
    price: pricing.Quote,
    picks: Sequence[Pick],
    *,
    reference: str,
    actor: User | None,
    now: datetime,
) -> None:
    cancel_scheduled_change(membership=membership, now=now)
    plan = next(pick for pick in picks if pick.product.is_plan)
    if membership.period_end is None:
        raise ValueError("A change at the period's end needs a period.")
    change = ScheduledChange.objects.create(
        membership=membership,
        kind=price.kind,
        effective_at=membership.period_end,
        interval_unit=plan.price.interval_unit,
        interval_count=plan.price.interval_count,
        reference=reference,
        created_at=now,
        actor=actor,
    )
    ScheduledItem.objects.bulk_create(
        ScheduledItem(change=change, product=pick.product, price=pick.price, quantity=pick.quantity) for pick in picks
    )


def cancel_scheduled_change(*, membership: Membership, now: datetime) -> bool:
    """Take back the pending change. False when there is none."""
    return bool(
        membership.scheduled_changes.filter(state=ScheduledChange.State.PENDING).update(
            state=ScheduledChange.State.CANCELLED, settled_at=now
        )
    )
