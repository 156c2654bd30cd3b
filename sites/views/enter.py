"""On the network: the owner's way into a site's dashboard."""

import uuid
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from sites import addresses
from sites.models import Site
from sites.operations import hand_over


@require_http_methods(["GET", "POST"])
@never_cache
@login_required
def enter(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """GET asks; POST makes the pass and answers with a form that carries it to the site, in the body and
    never in an address."""
    site = get_object_or_404(Site.objects.owned_by(request.user).select_related("membership"), uid=uid)
    if request.method == "GET":
        return render(request, "sites/enter.html", {"site": site})
    if site.state != Site.State.READY:
        return render(request, "sites/enter.html", {"site": site, "not_ready": True}, status=409)
    token = hand_over(site=site, user=request.user, now=timezone.now())
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
