"""The dashboard's addresses: Wagtail's admin under a policy it can live with, and each change in one
transaction."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_replace
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import re_path
from django.utils import timezone
from wagtail.admin import urls
from wagtail.admin.auth import require_admin_access
from wagtail.utils.urlpatterns import decorate_urlpatterns

from sites.content import staff_visit

View = Callable[..., HttpResponseBase]

POLICY = {
    "script-src": [SELF, UNSAFE_INLINE],  # Wagtail writes small scripts into its pages
    "style-src": [SELF, UNSAFE_INLINE],
    "img-src": [SELF, "data:", "blob:"],
    "frame-ancestors": [SELF],  # a page's preview stands in a frame beside its editor
}


def whole_or_not_at_all(view: View) -> View:
    """Run a POST in one transaction: a blog copied with its posts is copied whole, or refused whole."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method != "POST":
            return view(request, *args, **kwargs)
        with transaction.atomic():
            return view(request, *args, **kwargs)

    return wrapped


def while_a_visit_lasts(view: View) -> View:
    """Put out staff whose visit is over. Who works on the site comes and goes as they like."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if staff_visit.is_over(request, now=timezone.now()):  # noqa: TID251 -- a page is an edge
            return staff_visit.leave(request)
        return view(request, *args, **kwargs)

    return wrapped


def to_the_people(request: HttpRequest, path: str = "") -> HttpResponse:  # noqa: ARG001 -- whatever stands there
    """Who works on the site is kept by the network; nobody is made, changed or given a role in here."""
    return redirect(request.tenant.people_url)  # type: ignore[attr-defined]  # set by SiteMiddleware


urlpatterns = [
    re_path(r"^(?:users|groups)/(?P<path>.*)$", require_admin_access(to_the_people)),
    *decorate_urlpatterns(
        decorate_urlpatterns(
            decorate_urlpatterns(list(urls.urlpatterns), whole_or_not_at_all), while_a_visit_lasts
        ),
        csp_replace(POLICY),
    ),
]
