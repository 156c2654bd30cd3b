"""The page of the site: its name, its address, what it begins as."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from checkout.forms import SiteForm
from checkout.models import SignUp
from checkout.operations.sign_up import address_site, choice_of, step_of
from checkout.policies.steps import Step
from checkout.views.owned import signed_in
from checkout.views.sign_up.way import (
    open_sign_up,
    plan_page,
    steps,
    to_next_step,
    to_the_beginning,
    to_the_site,
)
from checkout.views.site_fields import site_fields, site_sent
from memberships.models import Membership
from memberships.operations.entitlements import limits_together
from products.models import Product
from sites.models import Starter
from sites.operations.addresses import suggest
from sites.operations.begin import starters_for


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """POST keeps the address for a while and goes on; of who has paid already it makes the site."""
    user, now = signed_in(request), timezone.now()
    sign_up = open_sign_up(user)
    if sign_up is None:
        return to_the_beginning(user)
    if step_of(sign_up, now=now) not in {Step.SITE, Step.REVIEW}:
        return to_next_step(request, sign_up, now=now)
    starters = _starters(sign_up)
    form = SiteForm(site_sent(request), starters=starters, initial=_as_kept(sign_up))
    if form.is_valid():
        slug = form.cleaned_data["slug"] or suggest(name=form.cleaned_data["name"], user=user, now=now)
        try:
            sign_up = address_site(
                sign_up=sign_up,
                name=form.cleaned_data["name"],
                slug=slug,
                starter=form.cleaned_data["starter"],
                now=now,
            )
        except ValidationError as refused:
            for field, problems in refused.message_dict.items():
                form.add_error(field, problems)
        else:
            if sign_up.membership.state != Membership.State.PENDING:
                return to_the_site(request, sign_up, now=now)
            return redirect("checkout:sign_up_review")
    is_judged = form.is_bound or step_of(sign_up, now=now) == Step.SITE
    context = {
        "steps": steps(Step.SITE),
        "sign_up": sign_up,
        "is_paid": sign_up.membership.state != Membership.State.PENDING,
        **site_fields(form, user=user, judge=is_judged, now=now),
        "plans": plan_page(choice_of(sign_up)),
    }
    return render(request, "pages/sign_up/site.html", context, status=422 if form.is_bound else 200)


def _as_kept(sign_up: SignUp) -> dict[str, Any]:
    return {"name": sign_up.site_name, "slug": sign_up.slug, "starter": sign_up.starter_id or ""}


def _starters(sign_up: SignUp) -> Sequence[Starter]:
    """What the chosen plan offers and, with its packages, has room for."""
    addons = {UUID(uid): quantity for uid, quantity in sign_up.addons.items()}
    bought = Product.objects.filter(uid__in=addons)
    limits = limits_together([(sign_up.plan, 1), *((each, addons[each.uid]) for each in bought)])
    return starters_for(limits, plans=[sign_up.plan_id])
