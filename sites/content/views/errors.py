"""A site's own error pages."""

from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from wagtail.contrib.redirects.middleware import RedirectMiddleware


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:  # noqa: ARG001 -- Django's signature
    """Where the page has moved to, when the site knows; else that it is not here.

    Wagtail's middleware is asked here, because in the settings it would also look for the network's pages.
    """
    answer: HttpResponseBase = RedirectMiddleware(_not_here)(request)
    return answer


def _not_here(request: HttpRequest) -> HttpResponse:
    return render(request, "content/404.html", status=404)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 -- Django's signature
    return render(request, "content/403.html", status=403)


def broken(_request: HttpRequest) -> HttpResponse:
    """Without a template: whatever broke may break one too."""
    return HttpResponseServerError(
        _("Something went wrong on our side. Please try again."), content_type="text/plain"
    )
