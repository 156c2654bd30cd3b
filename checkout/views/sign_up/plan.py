"""The first page: which plan, for which period, with what. A link can choose beforehand."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts.models import User
from accounts.rates import is_too_often
from checkout.operations.rate_limit import TooOften
from checkout.operations.selection import SelectionRefused
from checkout.operations.sign_up import TooLate, begin, step_of
from checkout.policies.steps import Step
from checkout.views.change import Asked, texts
from checkout.views.sign_up.asking import ask
from checkout.views.sign_up.way import open_sign_up, query_of, steps, to_next_step
from checkout.views.too_often import not_too_often
from memberships.models import Membership
from products.operations.catalogue import limits_of

MINUTE = 60


@never_cache
@require_http_methods(["GET", "POST"])
@not_too_often
def page(request: HttpRequest) -> HttpResponse:
    """GET shows the plans as the query chooses, or leads on who has chosen. POST keeps the choice, for somebody without
    an account in the next page's address; with `update` it counts again, for a browser without JavaScript."""
    now = timezone.now().replace(microsecond=0)
    user = request.user if isinstance(request.user, User) else None
    sign_up = open_sign_up(user) if user else None
    if sign_up and (request.method == "GET" and "plan" not in request.GET):
        return to_next_step(request, sign_up, now=now)
    if sign_up and _is_ordered(sign_up.membership, step_of(sign_up, now=now)):
        return _too_late(request, TooLate(sign_up))
    asked = _asked(request, request.POST if request.method == "POST" else request.GET)
    if asked is None:
        return render(request, "pages/sign_up/nothing_on_sale.html", status=404)
    recount = request.method == "GET" or "update" in request.POST
    if not recount and asked.can_go_on:
        return _go_on(request, user, asked, now=now)
    limits = limits_of([*asked.menu.plans, *asked.menu.addons])
    context = {"steps": steps(Step.PLAN), **texts(asked, limits=limits, pending=None)}
    return render(request, "pages/sign_up/plan.html", context, status=200 if recount else 422)


def _go_on(request: HttpRequest, user: User | None, asked: Asked, *, now: datetime) -> HttpResponse:
    if user is None:
        return redirect(f"{reverse('checkout:sign_up_account')}?{query_of(asked.choice)}")
    try:
        return to_next_step(request, begin(user=user, choice=asked.choice, now=now), now=now)
    except TooLate as late:
        return _too_late(request, late)


@never_cache
@require_GET
@not_too_often
def summary(request: HttpRequest) -> HttpResponse:
    """The parts of the page that follow the choice, for htmx."""
    asked = _asked(request, request.GET)
    if asked is None:
        return HttpResponse(headers={"HX-Refresh": "true"})
    keep_extras = request.headers.get("HX-Trigger") == "extras"
    limits = {} if keep_extras else limits_of(asked.menu.addons)
    context = {**texts(asked, limits=limits, pending=None), "keep_extras": keep_extras}
    return render(request, "pages/change_update.html", context)


def _asked(request: HttpRequest, data: QueryDict) -> Asked | None:
    """None when nothing is on sale. Raises TooOften."""
    if is_too_often(request, action="sign_up_prices"):
        raise TooOften(seconds=MINUTE)
    try:
        return ask(request, data, now=timezone.now().replace(microsecond=0))
    except SelectionRefused:
        return None


def _is_ordered(membership: Membership, step: Step) -> bool:
    return step == Step.PAYMENT or membership.state != Membership.State.PENDING


def _too_late(request: HttpRequest, late: TooLate) -> HttpResponse:
    if late.sign_up.membership.state == Membership.State.PENDING:
        messages.info(
            request, _("Your order waits for its payment. Pay or stop it first; then you can choose anew.")
        )
    return to_next_step(request, late.sign_up, now=timezone.now())
