"""Turn a quote into an order. What was shown is what is charged, or nothing is."""

from datetime import datetime, timedelta

from django.conf import settings

from accounts.models import User
from checkout.models import Order, Quote
from checkout.operations.codes import granted_for
from checkout.operations.fulfil import fulfil, reference_of
from checkout.operations.place import place_order
from checkout.operations.quote import QuoteBroken, make_quote, picks_of, reprice
from checkout.operations.selection import Choice, SelectionRefused, choose, menu
from memberships.billing.durable import durably
from memberships.models import Membership
from memberships.operations.apply_change import describe
from memberships.operations.discounts import lock_code, reserve
from memberships.operations.picks import Pick
from memberships.operations.terms import Terms, scenario, terms_of
from memberships.story import intent
from products import pricing
from products.models import Discount

RENEWAL_DUE = "renewal_due"


class QuoteStale(Exception):
    """The quote no longer holds; `reason` says why. `fresh` is what the same choice costs now, without its code if that
    cannot be used any more, or None when the choice cannot be had or not at this moment."""

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


def confirm(*, quote: Quote, user: User, now: datetime, reason: str = "") -> Order:
    """Confirm `quote`. The same quote again answers the same order. A change with nothing due takes effect at once.
    Staff who do it on the customer's behalf give the `reason`.

    Raises QuoteStale (nobody is charged), NothingToConfirm, AnotherOrderIsOpen, or TooManyQuotes in place of a fresh
    one.
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
        code = lock_code(_code_of(quote)) if _code_of(quote) else None
        stale = _what_changed(quote, membership, now)
        order = None if stale else _place(quote, membership, user, code, now, reason=reason)
    if order is None:
        raise QuoteStale(None if stale == RENEWAL_DUE else _fresh(quote, user, now), stale)
    return fulfil(order=order, now=now) if order.payment is None else order


def _what_changed(quote: Quote, membership: Membership, now: datetime) -> str:
    """Why the quote no longer holds, as a code; empty when it does."""
    terms = terms_of(membership)
    if terms.renewal_is_due(at=now):
        return RENEWAL_DUE
    if quote.has_expired(at=now):
        return "expired"
    if quote.revision != membership.revision:
        return "membership_changed"
    try:
        reprice(quote)
        picks, discount = _ask_again(quote, terms, now)
    except (SelectionRefused, QuoteBroken) as problem:
        return problem.code
    asked = pricing.scenario_to_json(scenario(terms=terms, picks=picks, discount=discount, now=quote.as_of))
    if asked["selection"]["discount"] != quote.scenario["selection"]["discount"]:
        return "code_changed"
    return "" if asked == quote.scenario else "price_changed"


def _place(
    quote: Quote, membership: Membership, user: User, code: Discount | None, now: datetime, *, reason: str
) -> Order:
    price = quote.price
    if price.kind in {pricing.Kind.NO_CHANGE, pricing.Kind.BLOCKED}:
        raise NothingToConfirm(price.message or price.kind)
    terms = terms_of(membership)
    came_from, went_to = describe(terms, picks_of(quote), price)
    order = place_order(
        quote=quote,
        price=price,
        membership=membership,
        came_from=came_from,
        went_to=went_to,
        purpose=intent(kind=price.kind, came_from=came_from, went_to=went_to),
        placed_by=user,
        expires_at=now + timedelta(seconds=settings.ORDER_LIFETIME_SECONDS),
        now=now,
        reason=reason,
    )
    if code is not None:
        reserve(
            membership=membership,
            discount=code,
            terms=quote.scenario["selection"]["discount"],
            reference=reference_of(order),
            now=now,
        )
    return order


def _fresh(quote: Quote, user: User, now: datetime) -> Quote | None:
    membership = Membership.objects.select_related("customer__user").get(pk=quote.membership_id)
    terms = terms_of(membership)
    try:
        picks, discount = _ask_again(quote, terms, now, may_drop_code=True)
    except (SelectionRefused, QuoteBroken, pricing.ScenarioError):
        return None
    return make_quote(terms=terms, picks=picks, discount=discount, user=user, now=now)


def _ask_again(
    quote: Quote, terms: Terms, now: datetime, *, may_drop_code: bool = False
) -> tuple[tuple[Pick, ...], pricing.Discount | None]:
    """Make the quote's choice anew against today's catalogue. Raises SelectionRefused; with `may_drop_code` not for the
    code, which is then left out. Raises QuoteBroken."""
    before = picks_of(quote)
    plan = next(pick for pick in before if pick.product.is_plan)
    choice = Choice(
        plan=plan.product.uid,
        interval=pricing.scenario_from_json(quote.scenario).selection.interval,
        addons={pick.product.uid: pick.quantity for pick in before if not pick.product.is_plan},
        code=_code_of(quote),
    )
    picks = choose(menu=menu(terms=terms, plan=plan.product.uid), choice=choice)
    if not choice.code:
        return picks, None
    try:
        return picks, granted_for(code=choice.code, terms=terms, picks=picks, now=now)
    except SelectionRefused:
        if not may_drop_code:
            raise
        return picks, None


def _code_of(quote: Quote) -> str:
    """The code that was entered with the choice; empty when there was none."""
    entered = quote.scenario["selection"]["discount"]
    return entered["code"] if entered else ""
