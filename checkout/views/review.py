"""Review a quote, and confirm it. The client sends the quote's id and a way to pay; never a price."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from checkout.forms import answer_of
from checkout.models import Order, Quote
from checkout.operations.codes import MESSAGES
from checkout.operations.confirm import AnotherOrderIsOpen, NothingToConfirm, QuoteStale, confirm
from checkout.operations.quote import QuoteBroken, picks_of
from checkout.operations.what_stays import TooLateToChoose, TooManyStay, carry_choices, choose, foresee
from checkout.views.codes import discount_terms
from checkout.views.owned import quote_for, signed_in
from checkout.views.paying import cards_of, chosen_card, to_payment
from checkout.views.prices import confirm_label, names_of, price_table, starts
from checkout.views.too_often import not_too_often
from checkout.views.what_stays import Shown, back, pages_of, what_stays_texts
from checkout.views.words import clock, interval_name
from memberships.models import Membership, MembershipItem
from memberships.operations.apply_change import describe
from memberships.operations.picks import Pick
from memberships.operations.terms import terms_of
from memberships.operations.transfers import transfers_are_offered
from memberships.story import intent, line_label
from products import pricing
from products.date_display import day
from sites.operations.over_limit import Choices

REASONS = {
    "expired": gettext_lazy("The price had run out; it holds for 15 minutes."),
    "membership_changed": gettext_lazy("Your membership has changed since you saw this price."),
    "price_changed": gettext_lazy("A price has changed since you saw it."),
    "code_changed": gettext_lazy("What your code takes off has changed since you saw it."),
    "renewal_due": gettext_lazy("Your membership is being renewed at this moment."),
}


@never_cache
@login_required
@require_GET
def page(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Everything that will happen, and the one button that makes it happen."""
    quote = quote_for(signed_in(request), uid)
    order = Order.objects.filter(quote=quote).first()
    if order is not None:
        return redirect("checkout:order", uid=order.uid)
    return _shown(request, quote)


@login_required
@require_POST
@not_too_often
def choose_what_stays(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Remember what is to stay, and show the page again. Nothing else happens."""
    quote = quote_for(signed_in(request), uid)
    refused = _choose(request, quote)
    return refused or back(reverse("checkout:review", args=[quote.uid]), request.POST)


@login_required
@require_POST
@not_too_often
def confirm_quote(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Confirm the quote, once however often it is sent, and lead to the payment or to the result."""
    user = signed_in(request)
    quote = quote_for(user, uid)
    refused = _choose(request, quote)
    if refused is not None:
        return refused
    try:
        order = confirm(quote=quote, user=user, now=timezone.now())
    except QuoteStale as stale:
        if stale.fresh is not None:
            carry_choices(stale=quote, fresh=stale.fresh)
        return _stale(request, quote, stale)
    except AnotherOrderIsOpen as other:
        messages.warning(
            request, _("Another change is already waiting for its payment. Finish or stop that one first.")
        )
        return redirect("checkout:order", uid=other.order.uid)
    except NothingToConfirm:
        messages.info(request, _("There is nothing to change: this is what you have now."))
        return redirect("checkout:change", uid=quote.membership.uid)
    return to_payment(request, order, card=chosen_card(request, quote.membership.customer))


def _shown(request: HttpRequest, quote: Quote, *, wanted: Choices | None = None) -> HttpResponse:
    """The page; with the ticks that were refused in `wanted`, if there are any."""
    now = timezone.now()
    if quote.has_expired(at=now):
        return _stale(request, quote, QuoteStale(None, "expired"))
    pages = pages_of(request.POST if wanted else request.GET)
    context = {
        **_review(quote),
        "what_stays": what_stays_texts(
            foresee(quote=quote, now=now), Shown(when=_when(quote.price), wanted=wanted or {}, pages=pages)
        ),
    }
    return render(request, "pages/review.html", context, status=422 if wanted else 200)


def _choose(request: HttpRequest, quote: Quote) -> HttpResponse | None:
    """Store what came back of the lists; answers the page again when more was ticked than fits."""
    if "list" not in request.POST:
        return None
    try:
        choose(quote=quote, answer=answer_of(request.POST), now=timezone.now())
    except TooManyStay as refused:
        return _shown(request, quote, wanted=refused.wanted)
    except (TooLateToChoose, QuoteBroken):
        return None  # whoever confirms is told what is so
    return None


def _when(price: pricing.Quote) -> str:
    """From what moment less is allowed."""
    ends = price.period.end if price.effective == pricing.Effective.BOTH and price.period else None
    at: datetime | None = ends or price.effective_at
    if price.effective == pricing.Effective.NOW or at is None:
        return _("at once")
    return _("on %(date)s") % {"date": day(at)}


def _review(quote: Quote) -> dict[str, object]:
    membership, price = quote.membership, quote.price
    terms, picks = terms_of(membership), picks_of(quote)
    asked = pricing.scenario_from_json(quote.scenario)
    came_from, went_to = describe(terms, picks, price)
    plan = terms.plan.product.name if terms.plan else ""
    return {
        "membership": membership,
        "quote": quote,
        "headline": intent(kind=price.kind, came_from=came_from, went_to=went_to),
        "is_later": price.effective == pricing.Effective.PERIOD_END,
        "plan": plan,
        "is_over": terms.is_over,
        "has": state_of(terms.items, membership.interval, currency=asked.currency),
        "gets": state_of(
            picks, asked.selection.interval, code=asked.selection.discount, currency=asked.currency
        ),
        "price": price_table(asked=asked, price=price, names=names_of(terms, picks)),
        **starts(price=price, terms=terms),
        "due": price.due_now,
        "button": confirm_label(price=price, currency=asked.currency),
        "cards": cards_of(membership.customer) if price.due_now else [],
        "by_transfer": transfers_are_offered(),
        "until": clock(quote.expires_at),
    }


def state_of(
    items: Sequence[MembershipItem | Pick],
    interval: pricing.Interval,
    *,
    currency: str,
    code: pricing.Discount | None = None,
) -> dict[str, object]:
    """A plan with its billing period and what comes with it, from membership items or picks."""
    held = [item for item in items if item.price.is_recurring or item.product.is_plan]
    return {
        "plan": next((item.product.name for item in held if item.product.is_plan), ""),
        "period": interval_name(interval),
        "extras": [
            line_label(type="charge", product=item.product.name, quantity=item.quantity)
            for item in held
            if not item.product.is_plan
        ],
        "code": f"{code.code}: {discount_terms(code, currency)}" if code else "",
    }


def _stale(request: HttpRequest, quote: Quote, stale: QuoteStale) -> HttpResponse:
    """Nobody was charged: show the old figures beside the new ones, and let the customer decide again."""
    membership: Membership = quote.membership
    context: dict[str, object] = {
        "membership": membership,
        "reason": stale_reason(stale.reason),
        "old": _priced(quote),
        "fresh": stale.fresh,
        "new": _priced(stale.fresh) if stale.fresh else None,
    }
    return render(request, "pages/stale.html", context, status=409)


def stale_reason(reason: str) -> str:
    """Why a price no longer holds, in the active language."""
    refused_code = MESSAGES.get(reason.removeprefix("code_"))
    return str(REASONS.get(reason) or refused_code or _("This choice can no longer be had."))


def _priced(quote: Quote) -> dict[str, object]:
    asked = pricing.scenario_from_json(quote.scenario)
    terms, picks = terms_of(quote.membership), picks_of(quote)
    return {
        "price": price_table(asked=asked, price=quote.price, names=names_of(terms, picks)),
        **starts(price=quote.price, terms=terms),
    }
