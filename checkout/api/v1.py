"""Version 1 of the API. A new kind of thing is a module with a router, added here."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

import structlog
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, re_path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from checkout.api import domains, invoices, memberships, offers, orders, products, quotes, sites
from checkout.api.openapi import DescribedAPI
from checkout.api.problems import Problem, answer_to, answer_with_problems
from checkout.api.reference import ReferencePage

MOST_BYTES = 16 * 1024
View = Callable[..., HttpResponse]
log = structlog.get_logger()

api = DescribedAPI(
    title="Network API",  # the same whatever the network is called: it is worked out once
    version="1",
    description=(
        "See what you have, ask what a change costs, and order it, by the same rules as the pages. Amounts are "
        "integers of minor units with their currency beside them; times are UTC; identifiers are UUIDs."
    ),
    urls_namespace="api",
    servers=[{"url": settings.NETWORK_ORIGIN}],
    docs=ReferencePage(),
)
for module in (products, memberships, offers, quotes, orders, invoices, sites, domains):
    api.add_router("", module.router)
answer_with_problems(api)


def guarded(view: View) -> View:
    """`view` for programs: nothing is cached, bodies are small, and what Django answers as a page becomes a problem."""

    @never_cache
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            _refuse_large(request)
            response = view(request, *args, **kwargs)
        except (Problem, Http404) as error:
            response = answer_to(request, error)
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            response = _not_allowed(allow=response["Allow"])
        log.info("api request", method=request.method, path=request.path, status=int(response.status_code))
        return response

    return answer


@csrf_exempt  # what is not there needs no protection, and its answer is a problem too
def nowhere(_request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
    raise Http404


def _refuse_large(request: HttpRequest) -> None:
    length = request.META.get("CONTENT_LENGTH") or ""
    if length.isdecimal() and int(length) > MOST_BYTES:
        raise Problem(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            "too_large",
            _("A body has at most %(most)d bytes.") % {"most": MOST_BYTES},
        )


def _not_allowed(*, allow: str) -> HttpResponse:
    detail = _("This address answers to: %(methods)s") % {"methods": allow}
    headers = {"Allow": allow}
    return Problem(HTTPStatus.METHOD_NOT_ALLOWED, "method_not_allowed", detail, headers=headers).answer()


def _guarded_urls() -> tuple[list[URLPattern], str, str]:
    """What `path()` takes; the last pattern catches every address that is not one."""
    patterns, app_name, namespace = api.urls
    own = [*(p for p in patterns if isinstance(p, URLPattern)), re_path("", nowhere)]
    return (
        [URLPattern(p.pattern, guarded(p.callback), p.default_args, p.name) for p in own],
        app_name,
        namespace,
    )


urls = _guarded_urls()
