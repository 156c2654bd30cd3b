"""The second page, for who has no account: a new one, or the way to sign in."""

from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.forms import AccountForm
from accounts.legal.operations import accept
from accounts.opening import open_account, sign_in, tell_the_owner
from accounts.rates import is_too_often
from checkout.operations.rate_limit import TooOften
from checkout.operations.selection import SelectionRefused
from checkout.operations.sign_up import begin
from checkout.policies.steps import Step
from checkout.views.change import Asked
from checkout.views.sign_up.asking import ask
from checkout.views.sign_up.way import query_of, steps
from checkout.views.too_often import not_too_often
from checkout.views.words import interval_name
from products.money_display import format_money

MINUTE = 60


@sensitive_post_parameters("password1")
@never_cache
@require_http_methods(["GET", "POST"])
@not_too_often
def page(request: HttpRequest) -> HttpResponse:
    """The choice stands in the address, so that nothing is stored for who has no account. POST makes one with it."""
    try:
        asked = ask(request, request.GET, now=timezone.now().replace(microsecond=0))
    except SelectionRefused:
        return redirect("checkout:sign_up")
    plans = f"{reverse('checkout:sign_up')}?{query_of(asked.choice)}"
    if request.user.is_authenticated or "plan" not in request.GET or not asked.can_go_on:
        return redirect(plans)
    form = AccountForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if is_too_often(request, action="signup"):
            raise TooOften(seconds=MINUTE)
        if form.is_valid():
            return _open(request, form, asked)
    context = {
        "steps": steps(Step.ACCOUNT),
        "form": form,
        "plans": plans,
        "sign_in": f"{reverse('account_login')}?{urlencode({'next': plans})}",
        **_chosen(asked),
    }
    return render(request, "pages/sign_up/account.html", context, status=422 if form.is_bound else 200)


def _open(request: HttpRequest, form: AccountForm, asked: Asked) -> HttpResponse:
    with transaction.atomic():
        user = open_account(request, form)
        if user is not None:
            accept(user=user, now=timezone.now())
            begin(user=user, choice=asked.choice, now=timezone.now())
    if user is None:
        return tell_the_owner(request, form)
    return sign_in(request, user, to=reverse("checkout:sign_up_site"))


def _chosen(asked: Asked) -> dict[str, Any]:
    """What was chosen, in a line."""
    price, currency = asked.price, asked.menu.terms.membership.currency
    assert price is not None, "who goes on has seen a price"
    return {
        "plan": asked.menu.plan.name,
        "period": interval_name(asked.choice.interval),
        "due": format_money(price.due_now, currency),
    }
