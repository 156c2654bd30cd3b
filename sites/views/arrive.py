"""On a site: where the network's pass is handed in."""

from django.conf import settings
from django.contrib.auth import login
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from sites.content.staff_visit import remember_visit
from sites.operations.enter import accept_hand_over, admit
from sites.routing import SiteRoute

HOME = "/dashboard/"
LONGEST_TOKEN = 100


@csrf_exempt  # the pass is what is checked; a page of another origin has none
@require_http_methods(["GET", "POST"])
@never_cache
def arrive(request: HttpRequest) -> HttpResponse:
    """GET leads to the network, where people sign in. POST with a valid pass signs its person in, here and
    nowhere else."""
    site: SiteRoute = request.tenant  # type: ignore[attr-defined]  # set by SiteMiddleware
    if request.method == "GET":
        return HttpResponseRedirect(site.enter_url)
    now = timezone.now()
    token = request.POST.get("token", "")
    comes_from = request.headers.get("Origin", settings.NETWORK_ORIGIN)
    person = None
    if comes_from == settings.NETWORK_ORIGIN and 0 < len(token) <= LONGEST_TOKEN:
        with transaction.atomic():  # who is removed at this moment is either not let in, or put out again
            person = accept_hand_over(token=token, site_id=site.id, now=now)
            if person is not None:
                login(request, admit(person, now=now), backend=settings.AUTHENTICATION_BACKENDS[0])
                remember_visit(request, person.visit)
    if person is None:
        return render(request, "content/not_admitted.html", {"enter_url": site.enter_url}, status=403)
    return HttpResponseRedirect(HOME)
