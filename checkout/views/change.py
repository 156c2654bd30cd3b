"""The Change page: choose, and see at once what it comes to. Choosing never charges."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods
from django_htmx.http import HttpResponseClientRefresh

from checkout.forms import ChangeForm, choice_of_today
from checkout.models import SignUp
from checkout.operations.codes import FIELD as CODE
from checkout.operations.codes import discount_for
from checkout.operations.quote import make_quote, preview
from checkout.operations.selection import Choice, Menu, SelectionRefused, choose, menu
from checkout.views.codes import code_field
from checkout.views.offers import extra_cards, period_options, plan_cards
from checkout.views.owned import signed_in, terms_for
from checkout.views.pending import pending_change, pending_texts, under_way_texts
from checkout.views.prices import names_of, price_table, starts
from checkout.views.too_often import not_too_often
from memberships.models import ScheduledChange
from memberships.operations.picks import Pick
from memberships.operations.terms import Terms
from products import pricing
from products.limits import Limits
from products.money_display import format_money
from products.operations.catalogue import limits_of

REVIEW = {
    pricing.Kind.UPGRADE: lambda: _("Review upgrade"),
    pricing.Kind.DOWNGRADE: lambda: _("Review downgrade"),
    pricing.Kind.REACTIVATION: lambda: _("Review"),
    pricing.Kind.NEW: lambda: _("Continue"),
    pricing.Kind.TRIAL: lambda: _("Continue"),
}


@dataclass(slots=True, kw_only=True)
class Asked:
    """What the customer chose, and what came of it: a price, or a refusal. With a code that was refused the price is
    that without it, and the customer goes on once the code is gone or another."""

    menu: Menu
    choice: Choice
    typed_code: str = ""
    picks: tuple[Pick, ...] = ()
    discount: pricing.Discount | None = None
    scenario: pricing.Scenario | None = None
    price: pricing.Quote | None = None
    refusal: str = ""
    code_refusal: str = ""
    problems: list[str] = field(default_factory=list)

    @property
    def can_go_on(self) -> bool:
        return self.price is not None and self.price.changes_something and not self.code_refusal


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
@not_too_often
def page(request: HttpRequest, uid: UUID) -> HttpResponse:
    """GET shows the choices, as chosen in the query or as they are today. POST makes a quote of the choice,
    or with `update` counts again, for a browser without JavaScript."""
    now = _this_second()
    terms = terms_for(signed_in(request), uid)
    if terms.plan is None:
        if SignUp.objects.filter(membership=terms.membership, state=SignUp.State.OPEN).exists():
            return redirect("checkout:sign_up")
        return render(request, "pages/no_plan.html", {"membership": terms.membership}, status=409)
    asked = ask(terms, request.POST if request.method == "POST" else request.GET, now=now)
    recount = request.method == "GET" or "update" in request.POST
    if not recount and asked.can_go_on:
        quote = make_quote(
            terms=terms, picks=asked.picks, discount=asked.discount, user=signed_in(request), now=now
        )
        return redirect("checkout:review", uid=quote.uid)
    pending = pending_change(terms.membership)
    context = {
        "is_over": terms.is_over,
        "pending": pending_texts(pending, terms),
        "under_way": under_way_texts(terms.membership),
        **texts(asked, limits=limits_of([*asked.menu.plans, *asked.menu.addons]), pending=pending),
    }
    return render(request, "pages/change.html", context, status=200 if recount else 422)


@never_cache
@require_GET
def summary(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The parts of the page that follow the choice, for htmx."""
    if not request.user.is_authenticated:
        return HttpResponseClientRefresh()
    terms = terms_for(signed_in(request), uid)
    if terms.plan is None:
        return HttpResponseClientRefresh()
    asked = ask(terms, request.GET, now=_this_second())
    # Extras answer to the plan and the period; while one of them is being filled in, it is left alone.
    keep_extras = request.headers.get("HX-Trigger") == "extras"
    limits = {} if keep_extras else limits_of(asked.menu.addons)
    context = {**texts(asked, limits=limits, pending=None), "keep_extras": keep_extras}
    return render(request, "pages/change_update.html", context)


def _this_second() -> datetime:
    """A price is made at a whole second, so that the time left can be told as a fraction people can read."""
    return timezone.now().replace(microsecond=0)


def ask(terms: Terms, data: QueryDict, *, now: datetime) -> Asked:
    """Price what `data` chooses; without a plan in it, what the member has today."""
    form = ChangeForm(data, terms=terms) if "plan" in data else None
    problems: list[str] = []
    choice = choice_of_today(terms)
    if form is not None:
        if form.is_valid():
            choice = form.choice
        else:
            problems = [str(message) for messages in form.errors.values() for message in messages]
    asked = Asked(
        menu=menu(terms=terms, plan=choice.plan),
        choice=choice,
        typed_code=data.get("code", ""),
        problems=problems,
    )
    if problems:
        return asked
    if terms.renewal_is_due(at=now):
        asked.refusal = _("Your membership is being renewed at this moment. Look again in a few minutes.")
        return asked
    try:
        asked.picks = choose(menu=asked.menu, choice=choice)
        asked.discount = discount_for(code=choice.code, terms=terms, picks=asked.picks, now=now)
    except SelectionRefused as refused:
        if refused.field != CODE:
            asked.refusal = refused.message
            return asked
        asked.code_refusal = refused.message
    asked.scenario, asked.price = preview(terms=terms, picks=asked.picks, discount=asked.discount, now=now)
    return asked


def texts(asked: Asked, *, limits: Mapping[int, Limits], pending: ScheduledChange | None) -> dict[str, Any]:
    """Everything the page and its fragment show of the choice."""
    return {
        "membership": asked.menu.terms.membership,
        "periods": period_options(asked.menu, asked.choice),
        "plans": plan_cards(asked.menu, asked.choice, limits=limits, pending=pending),
        "extras": extra_cards(asked.menu, asked.choice, limits=limits),
        "code": code_field(
            typed=asked.typed_code,
            refusal=asked.code_refusal,
            entered=asked.discount,
            in_force=asked.menu.terms.discount,
            currency=asked.menu.terms.membership.currency,
        ),
        "summary": _summary(asked),
    }


def _summary(asked: Asked) -> dict[str, Any]:
    if asked.problems or asked.refusal or asked.price is None or asked.scenario is None:
        return {"notice": asked.refusal or " ".join(asked.problems), "notice_tone": "warn"}
    price, currency = asked.price, asked.scenario.currency
    if not price.changes_something:
        return {
            "notice": _unpriced(price),
            "notice_tone": "note" if price.kind == pricing.Kind.NO_CHANGE else "warn",
        }
    return {
        **starts(price=price, terms=asked.menu.terms),
        "gone": _given_up(asked),
        "price": price_table(
            asked=asked.scenario, price=price, names=names_of(asked.menu.terms, asked.picks)
        ),
        "due": format_money(price.due_now, currency),
        **_way_on(asked, price.kind),
    }


def _way_on(asked: Asked, kind: pricing.Kind) -> dict[str, str]:
    if not asked.can_go_on:
        return {
            "small": _("This is the price without the code. Clear the code or enter another one to go on.")
        }
    label = REVIEW.get(kind)
    return {
        "button": label() if label else _("Review change"),
        "small": _("Nothing is charged before you have seen it once more."),
    }


def _unpriced(price: pricing.Quote) -> str:
    if price.kind == pricing.Kind.BLOCKED:
        return _("A bill is still open. Pay it first; then you can change your plan.")
    return _("This is what you have now. Pick a different plan, billing period or package to make a change.")


def _given_up(asked: Asked) -> list[str]:
    """Packages that the new plan is not sold with. They end with the change: that must be no surprise. Of a membership
    that is over, they have ended."""
    if asked.menu.terms.is_over:
        return []
    offered = {product.pk for product in asked.menu.addons}
    wanted = {pick.product.pk for pick in asked.picks}
    return [
        item.product.name
        for item in asked.menu.terms.items
        if item.price.is_recurring and item.product_id not in wanted | offered and not item.product.is_plan
    ]
