"""The dashboard's addresses: Wagtail's admin under a policy it can live with, and each change in one
transaction."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_replace
from django.db import transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from wagtail.admin import urls
from wagtail.utils.urlpatterns import decorate_urlpatterns

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


urlpatterns = decorate_urlpatterns(
    decorate_urlpatterns(list(urls.urlpatterns), whole_or_not_at_all), csp_replace(POLICY)
)
