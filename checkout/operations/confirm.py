"""Turn a quote into an order. What was shown is what is charged, or nothing is."""

from datetime import datetime, timedelta

from django.conf import settings

from accounts.models import User
from checkout.models import Order, Quote
from checkout.operations.fulfil import fulfil
from checkout.operations.place import place_order
from checkout.operations.quote import QuoteBroken, make_quote, picks_of, reprice
from checkout.operations.selection import Choice, SelectionRefused, choose, menu
from memberships.billing.durable import durably
from memberships.models import Membership
from memberships.operations.apply_change import describe
from memberships.operations.picks import Pick
from memberships.operations.terms import Terms, scenario, terms_of
from memberships.story import intent
from products import pricing


class QuoteStale(Exception):
    """The quote no longer holds. `fresh` is what the same choice costs now, or None when it cannot be had any more."""

    def __init__(self, fresh: Quote | None, reason: str) -> None:
        super().__init__(reason)
        self.fresh = fresh
        self.reason = reason


class NothingToConfirm(Exception):
    """The quote says that nothing would change, or that nothing may."""


class AnotherOrderIsOpen(Exception):
    """The membership has an order under way; it must be paid or cancelled first."""

    def __init__(self, order: Order) -> None:
        super().__init__(f"Order {order.uid} is open.")
        self.order = order


def confirm(*, quote: Quote, user: User, now: datetime) -> Order:
    """Confirm `quote`. The same quote again answers the same order. A change with nothing due takes effect at once.

    Raises QuoteStale (nobody is charged), NothingToConfirm or AnotherOrderIsOpen.
    """
    with durably():
        membership = (
            Membership.objects.select_related("customer__user")
            .select_for_update(of=("self",))
            .get(pk=quote.membership_id)
        )
        existing = Order.objects.filter(quote=quote).first()
        if existing is not None:
            return existing
        under_way = Order.objects.open().filter(membership=membership).first()
        if under_way is not None:
            raise AnotherOrderIsOpen(under_way)
        stale = _what_changed(quote, membership, now)
        order = None if stale else _place(quote, membership, user, now)
    if order is None:
        raise QuoteStale(_fresh(quote, user, now), stale)
    return fulfil(order=order, now=now) if order.payment is None else order


def _what_changed(quote: Quote, membership: Membership, now: datetime) -> str:
    """Why the quote no longer holds, as a code; empty when it does."""
    if quote.has_expired(at=now):
        return "expired"
    if quote.revision != membership.revision:
        return "membership_changed"
    try:
        terms, picks = _ask_again(quote, membership)
    except SelectionRefused as refused:
        return refused.code
    if pricing.scenario_to_json(scenario(terms=terms, picks=picks, now=quote.as_of)) != quote.scenario:
        return "price_changed"
    try:
        reprice(quote)
    except QuoteBroken:
        return "price_changed"
    return ""


def _place(quote: Quote, membership: Membership, user: User, now: datetime) -> Order:
    price = quote.price
    if price.kind in {pricing.Kind.NO_CHANGE, pricing.Kind.BLOCKED}:
        raise NothingToConfirm(price.message or price.kind)
    terms = terms_of(membership)
    came_from, went_to = describe(terms, picks_of(quote), price)
    return place_order(
        quote=quote,
        price=price,
        membership=membership,
        came_from=came_from,
        went_to=went_to,
        purpose=intent(kind=price.kind, came_from=came_from, went_to=went_to),
        placed_by=user,
        expires_at=now + timedelta(seconds=settings.ORDER_LIFETIME_SECONDS),
        now=now,
    )


def _fresh(quote: Quote, user: User, now: datetime) -> Quote | None:
    membership = Membership.objects.select_related("customer__user").get(pk=quote.membership_id)
    try:
        terms, picks = _ask_again(quote, membership)
    except SelectionRefused:
        return None
    return make_quote(terms=terms, picks=picks, user=user, now=now)


def _ask_again(quote: Quote, membership: Membership) -> tuple[Terms, tuple[Pick, ...]]:
    """Make the quote's choice anew against today's catalogue. Raises SelectionRefused."""
    before = picks_of(quote)
    plan = next(pick for pick in before if pick.product.is_plan)
    terms = terms_of(membership)
    choice = Choice(
        plan=plan.product.uid,
        interval=pricing.scenario_from_json(quote.scenario).selection.interval,
        addons={pick.product.uid: pick.quantity for pick in before if not pick.product.is_plan},
    )
    return terms, choose(menu=menu(terms=terms, plan=plan.product.uid), choice=choice)
