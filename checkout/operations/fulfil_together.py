"""Renewals with which nothing changes but the period, carried out together: the rows that `fulfil` writes for each, in
a few statements for all. Anything else about a renewal, be it a credit, a code or a new price, is `fulfil`'s."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F

from checkout.models import Order
from checkout.operations.fulfil import Promise, explain, reference_of
from memberships.billing.gateway import Charge
from memberships.models import Membership, Transition
from memberships.notices import draft as draft_notice
from memberships.notices import notify_all
from memberships.operations.collection import book_together
from memberships.operations.invoicing import Draft, draft_invoice, issue
from memberships.operations.terms import Terms
from products import pricing


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """A renewal of what `terms` hold, as it is, and its period."""

    promise: Promise
    terms: Terms
    period: pricing.Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """An order whose charge went through, and what it is for."""

    order: Order
    attempt_id: int
    charge: Charge
    renewal: Plain


def plain(promise: Promise, terms: Terms) -> Plain | None:
    """`promise` as a plain renewal, or None when something beside the period changes."""
    price, membership, after = promise.price, terms.membership, promise.price.after
    if after is None or after.period is None or membership.state != Membership.State.ACTIVE:
        return None
    only_charges = all(line.type == pricing.LineType.CHARGE for line in price.lines)
    same_pace = (after.anchor, after.interval) == (membership.anchor, membership.interval)
    touches_nothing_else = not (price.wallet_used or price.wallet_added or terms.discount)
    goes_on = _same_prices(promise, terms) and _same_items(after, terms)
    if only_charges and same_pace and touches_nothing_else and price.due_now and goes_on:
        return Plain(promise=promise, terms=terms, period=after.period)
    return None


def fulfil_together(*, paid: Sequence[Paid], now: datetime) -> dict[int, Order]:
    """Book the charges and carry out the orders, in one transaction. Answers by id those that were; the others have
    changed, or somebody else has them in hand, and each goes its own way."""
    with transaction.atomic():
        paid = _still_theirs(paid)
        booked = book_together(charges={each.attempt_id: each.charge for each in paid}, now=now)
        paid = [each for each in paid if each.attempt_id in booked]
        if paid:
            _write(paid, now)
    return {each.order.pk: each.order for each in paid}


def _same_prices(promise: Promise, terms: Terms) -> bool:
    held = {item.product_id: item.price_id for item in terms.items}
    return all(held.get(pick.product.pk) == pick.price.pk for pick in promise.picks)


def _same_items(after: pricing.HeldMembership, terms: Terms) -> bool:
    held = {
        item.product.code: (item.quantity, item.unit_price, item.tax_percent, item.setup_fee_paid)
        for item in terms.items
    }
    return held == {
        item.product: (item.quantity, item.unit_price, item.tax_rate, item.setup_fee_paid)
        for item in after.items
    }


def _still_theirs(paid: Sequence[Paid]) -> list[Paid]:
    """Lock the memberships, then the orders; leave out what is not as it was when it was priced."""
    memberships = dict(
        Membership.objects.select_for_update(skip_locked=True)
        .filter(pk__in=[each.order.membership_id for each in paid], state=Membership.State.ACTIVE)
        .order_by("pk")
        .values_list("pk", "revision")
    )
    orders = set(
        Order.objects.open()
        .select_for_update(skip_locked=True)
        .filter(pk__in=[each.order.pk for each in paid])
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    return [
        each
        for each in paid
        if each.order.pk in orders
        and memberships.get(each.order.membership_id) == each.renewal.terms.membership.revision
    ]


def _write(paid: Sequence[Paid], now: datetime) -> None:
    drafts, transitions, notices = [], [], []
    for each in paid:
        order, membership, reference = each.order, each.renewal.terms.membership, reference_of(each.order)
        membership.period_start, membership.period_end = each.renewal.period.start, each.renewal.period.end
        membership.revision += 1
        order.state, order.settled_at = Order.State.FULFILLED, now
        drafts.append(_bill(each, reference, now))
        transitions.append(
            Transition(
                membership=membership,
                kind=order.kind,
                came_from=order.came_from,
                went_to=order.went_to,
                at=now,
                reference=reference,
            )
        )
        notices.append(draft_notice(membership, "renewed", reference=reference, now=now))
    _move_periods(paid)
    Order.objects.filter(pk__in=[each.order.pk for each in paid]).update(
        state=Order.State.FULFILLED, settled_at=now
    )
    Transition.objects.bulk_create(transitions)
    notify_all(notices)
    issue(drafts, now=now)


def _move_periods(paid: Sequence[Paid]) -> None:
    """One statement a period: of those due on one day most have the same."""
    following: dict[pricing.Period, list[int]] = defaultdict(list)
    for each in paid:
        following[each.renewal.period].append(each.order.membership_id)
    for period, keys in following.items():
        Membership.objects.filter(pk__in=keys).update(
            period_start=period.start, period_end=period.end, revision=F("revision") + 1
        )


def _bill(paid: Paid, reference: str, now: datetime) -> Draft:
    promise, terms = paid.renewal.promise, paid.renewal.terms
    items = {item.product.code: item for item in terms.items}
    assert promise.price.effective_at is not None, "a renewal says when its period starts"
    return draft_invoice(
        membership=terms.membership,
        kind=promise.price.kind,
        came_from=paid.order.came_from,
        went_to=paid.order.went_to,
        price=promise.price,
        charged=items,
        credited=items,
        explanations=explain(promise, names=_names(terms)),
        payment=paid.order.payment,
        reference=reference,
        as_of=promise.price.effective_at,
        now=now,
    )


def _names(terms: Terms) -> Mapping[str, str]:
    return {item.product.code: item.product.name for item in terms.items}
