"""One more site for a membership that has room: its name, its address, and what it begins as."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import User
from checkout.forms import SiteForm
from checkout.operations.rate_limit import count_site
from checkout.views.owned import signed_in, terms_for
from checkout.views.site_fields import site_fields, site_sent
from checkout.views.too_often import not_too_often
from memberships.models import Membership
from memberships.operations.entitlements import entitlements, plans_of
from products.limits import Kind, Limits
from sites.entitlements import LimitReached, explain
from sites.models import Site
from sites.operations import create_site
from sites.operations.addresses import suggest
from sites.operations.begin import starters_for


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
@not_too_often
def page(request: HttpRequest, uid: UUID) -> HttpResponse:
    """GET shows the form, or that there is no room; POST orders the site, and leads to where one sees it being made."""
    user, now = signed_in(request), timezone.now()
    membership = terms_for(user, uid).membership
    limits = entitlements(membership)
    form = SiteForm(
        site_sent(request), starters=starters_for(limits, plans=plans_of(membership.pk)), initial={}
    )
    if form.is_valid():
        count_site(user=user, now=now)
        site = _made(form, membership, user=user, now=now)
        if site is not None:
            return redirect("sites:site", uid=site.uid)
    context = {
        "membership": membership,
        **site_fields(form, user=user, judge=form.is_bound, now=now),
        **room_for_sites(membership, limits),
    }
    return render(request, "pages/add_site.html", context, status=422 if form.is_bound else 200)


def room_for_sites(membership: Membership, limits: Limits) -> dict[str, Any]:
    """How many sites there are and may be, and whether one more may be added. One query."""
    used, allowed = Site.objects.filter(membership=membership).outside_the_bin().count(), limits[Kind.SITES]
    return {
        "sites_used": used,
        "sites_allowed": allowed,
        "may_add_site": allowed is None or used < allowed,
        "is_over": membership.state in Membership.ENDED,
    }


def _made(form: SiteForm, membership: Membership, *, user: User, now: datetime) -> Site | None:
    """The new site, or None with the reason on the form."""
    wanted = form.cleaned_data
    slug = wanted["slug"] or suggest(name=wanted["name"], user=user, now=now)
    try:
        return create_site(
            membership=membership,
            name=wanted["name"],
            slug=slug,
            starter=wanted["starter"],
            now=now,
        )
    except ValidationError as refused:
        for field, problems in refused.message_dict.items():
            form.add_error(field, problems)
    except LimitReached as reached:
        form.add_error(None, explain(reached))
    return None
