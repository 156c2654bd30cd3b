"""Give the customer what they ordered: in one transaction, once, however often and from wherever it is asked for."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from checkout.models import Order
from checkout.operations.limits_of_states import limits_of_states
from checkout.operations.promise import promised
from checkout.operations.quote import QuoteBroken, picks_of
from checkout.operations.what_stays import quote_of, take_over
from memberships.models import Attempt, Membership, Payment, ScheduledChange, WalletEntry
from memberships.notices import KINDS, notify
from memberships.operations.apply_change import apply_change
from memberships.operations.discounts import release
from memberships.operations.picks import Pick
from products import pricing
from products.pricing.wording import LANGUAGES

log = logging.getLogger(__name__)


def fulfil(*, order: Order, now: datetime) -> Order:
    """Apply `order` if it is due nothing or paid. Locks the membership, then the order; a settled order is left alone.

    Money that arrives after the membership has moved on, or after the order was closed, becomes wallet credit, and so
    does that of a quote which no longer gives its price: it is never lost and never buys something else than what was
    confirmed. The same goes for money of another amount than was asked for, which is in the wallet already.
    """
    with transaction.atomic():
        membership = (
            Membership.objects.select_related("customer__user")
            .select_for_update(of=("self",))
            .get(pk=order.membership_id)
        )
        order = (
            Order.objects.select_for_update(of=("self",))
            .select_related("quote", "payment", "placed_by")
            .get(pk=order.pk)
        )
        if order.state == Order.State.OPEN and paid_otherwise(order):
            _bill_anew(order, membership, now)
            _settle(order, Order.State.CANCELLED, now)
            return order
        paid = order.payment is None or order.payment.state == Payment.State.PAID
        if not paid or order.state in {Order.State.FULFILLED, Order.State.CREDITED, Order.State.UNDONE}:
            return order
        promise = _promise(order, membership, now)
        if promise is not None:
            _apply(order, membership, promise, now)
        elif order.payment is not None:
            _credit(order, membership, now)
        else:
            _settle(order, Order.State.CANCELLED, now)
    return order


def reference_of(order: Order) -> str:
    """How invoice, wallet entries, transition and mail name the order that caused them."""
    return f"order-{order.uid}"


def paid_otherwise(order: Order) -> int:
    """The money that closed the payment because another amount was asked for, and that is in the wallet since; in minor
    units, zero when there is none."""
    if order.payment is None or order.payment.state != Payment.State.CLOSED:
        return 0
    paid = order.payment.attempts.filter(state=Attempt.State.SUCCEEDED).values_list("uid", flat=True)
    entries = WalletEntry.objects.of(order.membership).filter(
        reason=WalletEntry.Reason.MISMATCH, reference__in=[f"attempt-{uid}" for uid in paid]
    )
    return entries.balance()


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What was confirmed: the price, what it was computed from, and the products it is for."""

    asked: pricing.Scenario
    price: pricing.Quote
    picks: Sequence[Pick]


def _promise(order: Order, membership: Membership, now: datetime) -> Promise | None:
    """What `order` promises, if that can be kept; None otherwise."""
    if order.state != Order.State.OPEN or order.quote.revision != membership.revision:
        return None
    try:
        asked, price = promised(order, now=now)
        return Promise(asked=asked, price=price, picks=picks_of(order.quote))
    except QuoteBroken:
        log.exception("order %s cannot be carried out", order.uid)
        return None


def _apply(order: Order, membership: Membership, promise: Promise, now: datetime) -> None:
    price, picks = promise.price, promise.picks
    waited = membership.scheduled_changes.filter(
        state=ScheduledChange.State.PENDING, effective_at__lte=order.quote.as_of
    ).first()
    apply_change(
        membership=membership,
        price=price,
        picks=picks,
        explanations=explain(promise, names=_names(promise, membership)),
        payment=order.payment,
        reference=reference_of(order),
        actor=order.placed_by,
        reason=order.reason,
        now=now,
    )
    if price.effective == pricing.Effective.NOW:
        chosen_for = quote_of(waited) if waited and price.kind == pricing.Kind.RENEWAL else order.quote
        if chosen_for is not None:
            take_over(quote=chosen_for, now=now)
    _settle(order, Order.State.FULFILLED, now)
    kind = _notice_of(price, waited is not None)
    facts = {}
    if "limits_before" in KINDS[kind].needs:
        (before,) = limits_of_states(membership, [promise.asked.membership])
        facts["limits_before"] = before.to_json()
    notify(membership, kind, reference=reference_of(order), facts=facts, now=now)


def _names(promise: Promise, membership: Membership) -> dict[str, str]:
    """Of every product that the change speaks of, by its code."""
    held = membership.items.live().select_related("product")
    return {row.product.code: row.product.name for row in (*held, *promise.picks)}


def explain(promise: Promise, *, names: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """One sentence a line, in every language the kernel speaks, since the reader of a bill may change theirs. `names`
    are those of the products, by code."""
    return {
        language: pricing.explain(promise.asked, promise.price, language, names=names).lines
        for language in LANGUAGES
    }


def _notice_of(price: pricing.Quote, was_waiting: bool) -> str:  # noqa: FBT001 -- the two facts that decide
    if price.kind in {pricing.Kind.NEW, pricing.Kind.TRIAL}:
        return "welcome"
    if price.kind == pricing.Kind.RENEWAL:
        return "change_applied" if was_waiting else "renewed"
    return "change_scheduled" if price.effective == pricing.Effective.PERIOD_END else "change_done"


def _credit(order: Order, membership: Membership, now: datetime) -> None:
    assert order.payment is not None
    WalletEntry.objects.create(
        membership=membership,
        amount=order.payment.captured,
        reason=WalletEntry.Reason.LATE_PAYMENT,
        reference=reference_of(order),
        created_at=now,
    )
    membership.revision += 1
    membership.save(update_fields=["revision"])
    _bill_anew(order, membership, now)
    _settle(order, Order.State.CREDITED, now)
    notify(membership, "payment_credited", reference=reference_of(order), now=now)


def _bill_anew(order: Order, membership: Membership, now: datetime) -> None:
    """An overdue membership whose money is in the wallet is not overdue: the next run bills it from there."""
    if order.kind == pricing.Kind.RENEWAL and membership.state == Membership.State.PAST_DUE:
        membership.move(Membership.State.ACTIVE, now=now, reason="credited")


def _settle(order: Order, state: str, now: datetime) -> None:
    order.state, order.settled_at = state, now
    order.save(update_fields=["state", "settled_at"])
    if state != Order.State.FULFILLED:
        release(reference=reference_of(order), now=now)
