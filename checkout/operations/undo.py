"""Undo an upgrade soon after it took effect: all is as it was before, and the money goes back to the card."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from accounts.models import User
from accounts.network.live import network
from checkout.models import Order
from checkout.operations.fulfil import reference_of
from checkout.operations.promise import promised
from checkout.operations.quote import QuoteBroken
from memberships.billing.durable import durably
from memberships.billing.gateway import GatewayUnavailable
from memberships.models import Attempt, Invoice, Membership, Payment, Refund, ScheduledChange
from memberships.notices import notify
from memberships.operations.entitlements import limits_together
from memberships.operations.overrides import given_beside
from memberships.operations.refunds import reconcile_refund, start_refund
from memberships.operations.take_back import take_back_change
from memberships.operations.terms import held, terms_of
from products import pricing
from products.limits import Kind, Limits, Scope
from products.models import Product
from sites.models import OverLimit, Site
from sites.operations.entitle import refresh_usage
from sites.operations.over_limit import Place, preview
from sites.policies.over_limit import Policy

# What gave more, at once. A downgrade or a removal waits, and is taken back before it happens; a first plan has nothing
# to go back to, and a renewal was nobody's choice.
UNDOABLE = frozenset({pricing.Kind.UPGRADE, pricing.Kind.ADDON, pricing.Kind.MIXED})
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exceeding:
    """More is used than was allowed before: in the site of that name, or by all sites together when it is empty.

    `names` are those of what would be parked, or of all there is where nothing is parked of the kind.
    """

    site: str
    kind: Kind
    used: int
    allowed: int
    names: Sequence[str] = ()


class UndoRefused(Exception):
    """The order cannot be undone. `code` is one of `never` (not that kind of order, or not applied), `too_late`,
    `under_way` (another order waits for its payment), `planned` (a change was planned since), `changed` (something else
    has happened since), `refunded`, `service` (work was bought with it), `credit_spent` and `exceeds`: then `exceeding`
    says what."""

    def __init__(self, code: str, exceeding: Sequence[Exceeding] = ()) -> None:
        super().__init__(code)
        self.code = code
        self.exceeding = exceeding


@dataclass(frozen=True, slots=True, kw_only=True)
class Undoing:
    """What undoing an order leads to, which counted from `as_of`. Amounts are in minor units; `to_wallet` below zero
    takes back what was added. `parked_again` is what the order had brought back from parking."""

    before: pricing.HeldMembership
    as_of: datetime
    to_card: int
    to_wallet: int
    until: datetime
    parked_again: Sequence[Exceeding] = ()


def undo(*, order: Order, actor: User | None, now: datetime) -> Order:
    """Undo `order`; one that was undone before is left alone. Raises UndoRefused.

    The refund is committed with it and sent to the gateway afterwards, by the sweep if that cannot be asked now. What
    the gateway refuses to give back becomes account credit.
    """
    with durably():
        membership = (
            Membership.objects.select_related("customer__user")
            .select_for_update(of=("self",))
            .get(pk=order.membership_id)
        )
        order = (
            Order.objects.select_for_update(of=("self",)).select_related("quote", "payment").get(pk=order.pk)
        )
        if order.state == Order.State.UNDONE:
            return order
        undoing = foresee(order=order, now=now)
        refund = _undo(order, membership, undoing, actor=actor, now=now)
    if refund is not None:
        try:
            reconcile_refund(refund=refund, now=now)
        except GatewayUnavailable as error:
            log.warning("refund %s: the gateway is unavailable, the sweep asks again: %s", refund.uid, error)
    return order


def undo_reference_of(order: Order) -> str:
    """How document, refund, wallet entry, transition and mail name the undoing of `order`."""
    return f"undo-{order.uid}"


def newest_upgrade(*, membership: Membership, now: datetime) -> Order | None:
    """The last upgrade that took effect, if that is not too long ago to be undone. One query."""
    return (
        Order.objects.filter(membership=membership, state=Order.State.FULFILLED, kind__in=UNDOABLE)
        .filter(settled_at__gt=now - timedelta(hours=network.undo_hours))
        .select_related("quote", "payment", "membership")
        .order_by("-settled_at", "-id")
        .first()
    )


def offer(*, order: Order, now: datetime) -> Undoing | None:
    """What undoing `order` leads to if usage allows it, which is not counted yet; None when it cannot be undone."""
    try:
        return _undoing(order, now)
    except UndoRefused:
        return None


def foresee(*, order: Order, now: datetime) -> Undoing:
    """What undoing `order` now leads to. Counts anew what its sites use. Raises UndoRefused."""
    undoing = _undoing(order, now)
    parked, found = _exceeding(undoing, order, now)
    if found:
        raise UndoRefused("exceeds", found)
    return replace(undoing, parked_again=parked)


def _undoing(order: Order, now: datetime) -> Undoing:
    if order.state != Order.State.FULFILLED or order.kind not in UNDOABLE or order.settled_at is None:
        raise UndoRefused("never")
    until = order.settled_at + timedelta(hours=network.undo_hours)
    if now >= until:
        raise UndoRefused("too_late")
    before, as_of = _before(order, now)
    invoice = order.membership.invoices.filter(reference=reference_of(order)).first()
    if invoice is not None:
        _refuse_a_bill_that_cannot_go_back(order, invoice)
    to_card = _to_card(order.payment)
    to_wallet = (invoice.total if invoice else 0) - to_card
    balance = order.membership.wallet_entries.balance()
    if to_wallet < 0 and balance + to_wallet < min(before.wallet, 0):
        raise UndoRefused("credit_spent")
    return Undoing(before=before, as_of=as_of, to_card=to_card, to_wallet=to_wallet, until=until)


def _exceeding(undoing: Undoing, order: Order, now: datetime) -> tuple[list[Exceeding], list[Exceeding]]:
    """What is used beyond the limits that would hold again, by site and kind: where it was so before the order, too,
    and is parked again; and where it was not, which is in the way."""
    products = Product.objects.in_bulk([item.product for item in undoing.before.items], field_name="code")
    sold = limits_together((products[item.product], item.quantity) for item in undoing.before.items)
    limits = sold + given_beside(order.membership)
    sites = list(Site.objects.filter(membership=order.membership).outside_the_bin().order_by("id"))
    used: list[tuple[Site | None, Kind, int]] = [(None, Kind.SITES, len(sites))]
    for site in sites:
        if site.state == Site.State.READY:
            counted = refresh_usage(site_id=site.pk, now=now)
            used += [(site, Kind(kind), amount) for kind, amount in counted.items()]
    before, names = _parked_before(order), _names(order.membership, limits, now)
    parked: list[Exceeding] = []
    in_the_way: list[Exceeding] = []
    for holder, kind, amount in used:
        allowed = limits[kind]
        if allowed is not None and amount > allowed:
            name, key = (holder.name, holder.pk) if holder else ("", None)
            found = Exceeding(
                site=name, kind=kind, used=amount, allowed=allowed, names=names.get((key, kind), ())
            )
            (parked if (key, kind) in before else in_the_way).append(found)
    return parked, in_the_way


def _names(membership: Membership, limits: Limits, now: datetime) -> dict[Place, list[str]]:
    found = preview(membership=membership, limits=limits, now=now)
    return {each.place: [item.name for item in each.parked or each.items] for each in found}


def _parked_before(order: Order) -> set[tuple[int | None, Kind]]:
    """The sites (None: all together) and kinds of which there was too much before `order`, and some of it parked."""
    rows = OverLimit.objects.filter(
        site__membership=order.membership, policy=Policy.PARK, since__lt=order.settled_at
    ).exclude(ended_at__lt=order.settled_at)
    kinds = ((site, Kind(kind)) for site, kind in rows.values_list("site_id", "kind"))
    return {(site if kind.scope == Scope.SITE else None, kind) for site, kind in kinds}


def _undo(
    order: Order, membership: Membership, undoing: Undoing, *, actor: User | None, now: datetime
) -> Refund | None:
    reference = undo_reference_of(order)
    document = take_back_change(
        membership=membership,
        before=undoing.before,
        as_of=undoing.as_of,
        applied_as=reference_of(order),
        reference=reference,
        to_card=undoing.to_card,
        actor=actor,
        now=now,
    )
    refund = None
    if order.payment is not None and undoing.to_card:
        refund = start_refund(
            payment=order.payment, amount=undoing.to_card, reason="undone", actor=actor, credit_note=document, now=now
        )  # fmt: skip
    order.state, order.undone_at = Order.State.UNDONE, now
    order.save(update_fields=["state", "undone_at"])
    notify(membership, "change_undone", reference=reference, facts={"amount": undoing.to_card}, now=now)
    return refund


def _before(order: Order, now: datetime) -> tuple[pricing.HeldMembership, datetime]:
    """The membership as the order found it, and since when the order counts, if all is still as the order left it.
    Raises UndoRefused."""
    membership = order.membership
    if Order.objects.open().filter(membership=membership).exists():
        raise UndoRefused("under_way")
    if membership.transfers.filter(at__gte=order.settled_at).exists():
        raise UndoRefused("changed")
    pending = membership.scheduled_changes.filter(state=ScheduledChange.State.PENDING)
    if pending.exclude(reference=reference_of(order)).exists():
        raise UndoRefused("planned")
    try:
        asked, price = promised(order, now=now)
    except QuoteBroken:
        raise UndoRefused("changed") from None
    left, is_now = price.after, held(terms_of(membership))
    assert asked.membership is not None, "what gives more was asked by a member"
    if left is None or is_now is None or _shape(left) != _shape(is_now):
        raise UndoRefused("changed")
    return asked.membership, asked.as_of


def _shape(membership: pricing.HeldMembership) -> tuple[object, ...]:
    """What a change can change, without the wallet and what was paid."""
    discount = membership.discount if membership.discount and membership.discount.alive else None
    items = sorted((item.product, item.quantity, item.unit_price) for item in membership.items)
    return (
        membership.status, membership.interval, membership.period, membership.anchor, membership.trial_end,
        discount, items,
    )  # fmt: skip


def _refuse_a_bill_that_cannot_go_back(order: Order, invoice: Invoice) -> None:
    if invoice.corrections.exists() or (order.payment is not None and order.payment.refunds.total()):
        raise UndoRefused("refunded")
    charged = invoice.lines.exclude(type=pricing.LineType.CREDIT)
    if charged.filter(product__type=Product.Type.SERVICE).exists():
        raise UndoRefused("service")


def _to_card(payment: Payment | None) -> int:
    """What goes back to where it was paid from. A bank transfer cannot be sent back by itself: the wallet takes it."""
    if payment is None:
        return 0
    by_transfer = payment.attempts.filter(
        state=Attempt.State.SUCCEEDED, method=Attempt.Method.BANK_TRANSFER
    ).exists()
    return 0 if by_transfer else payment.captured
