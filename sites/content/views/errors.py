"""A site's own error pages."""

from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.shortcuts import render
from django.utils.translation import gettext as _


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 -- Django's signature
    return render(request, "content/404.html", status=404)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 -- Django's signature
    return render(request, "content/403.html", status=403)


def broken(_request: HttpRequest) -> HttpResponse:
    """Without a template: whatever broke may break one too."""
    return HttpResponseServerError(
        _("Something went wrong on our side. Please try again."), content_type="text/plain"
    )
