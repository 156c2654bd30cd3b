"""On the network: the way of who works on a site into its dashboard."""

import uuid
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import User
from sites import addresses
from sites.models import Site
from sites.operations import hand_over
from sites.operations.people import role_in


@require_http_methods(["GET", "POST"])
@never_cache
@login_required
def enter(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """GET asks; POST makes the pass and answers with a form that carries it to the site, in the body and
    never in an address."""
    user = cast("User", request.user)
    sites = Site.objects.entered_by(user).outside_the_bin().select_related("membership__customer")
    site = get_object_or_404(sites, uid=uid)
    context = {"site": site, "is_owner": site.membership.customer.user_id == user.pk}
    if request.method == "GET":
        return render(request, "sites/enter.html", context)
    if site.state != Site.State.READY:
        return render(request, "sites/enter.html", {**context, "not_ready": True}, status=409)
    with (
        transaction.atomic()
    ):  # a pass is made for who is on the site, or before they are removed, never after
        role = role_in(Site.objects.locked().get(pk=site.pk), user)
        if role is None:
            raise Http404
        token = hand_over(site=site, user=user, role=role, now=timezone.now())
    return carry(request, site, token)


def carry(request: HttpRequest, site: Site, token: str) -> HttpResponse:
    """A page with a form that carries the pass to the site by itself."""
    origin = addresses.site_origin(site.host)
    response = render(
        request, "sites/carry.html", {"site": site, "token": token, "action": f"{origin}/enter/"}
    )
    _let_it_through(response, origin)
    return response


def _let_it_through(response: Any, origin: str) -> None:
    """This page's form may go to that site; and the site may see, by the Origin header, that it came from the
    network."""
    response._csp_update = {"form-action": [origin]}  # noqa: SLF001 -- what django-csp's decorators set
    response["Referrer-Policy"] = "strict-origin"
