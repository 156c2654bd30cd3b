"""Which host a request came to, and so which schema it runs in."""

from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import cast

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotFound,
    HttpResponsePermanentRedirect,
    JsonResponse,
    StreamingHttpResponse,
)
from django.http.request import split_domain_port
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import timezone
from django.utils.translation import get_language_from_request, override
from django.utils.translation import gettext as _
from django_tenants.utils import tenant_context

from sites import addresses, routing, tasks
from sites.entitlements import LimitReached, explain
from sites.metering import counter
from sites.models import Site
from sites.postgresql.base import current_connection
from sites.routing import SiteRoute

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
WAYS_IN_AND_OUT = frozenset(
    {"/enter/", "/dashboard/logout/", "/dashboard/end-visit/"}
)  # may be sent to in a site that is read-only
PATHS_ON_ANY_HOST = frozenset(
    {"/healthz", "/readyz", "/internal/tls/ask"}
)  # asked for by address, not by name
SECONDS_TO_RETRY = 3
SECONDS_OF_MAINTENANCE = 120
SECONDS_UNTIL_OPENED = 3600
DASHBOARD = "/dashboard/"
ON_EVERY_NAME = (
    DASHBOARD,
    "/enter/",
    "/media/",
    "/documents/",
    "/static/",
    "/styles/",
)  # no visitor's page, or part of one
SECONDS_A_MOVE_IS_REMEMBERED = 3600  # browsers keep a permanent one for ever, but a primary name may change
FIRST_ERROR = 400


class SiteMiddleware:
    """Answers the network's hosts with the network, a site's hosts with the site and no other schema, any
    other with 404.

    `request.tenant` is a `SiteRoute` on a site's host and None on the network's.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        host = host_of(request)
        connection = current_connection()
        came_from = connection.tenant  # a page's preview is a request within a request
        connection.set_schema_to_public()
        try:
            if host in addresses.network_hosts() or request.path in PATHS_ON_ANY_HOST:
                return self._network(request)
            route = routing.find(host) if host else None
            if route is None or not route.is_ready:
                with override(get_language_from_request(request)):  # LocaleMiddleware's turn never comes
                    return not_ready(route)
            return self._site(request, route)
        finally:
            connection.set_tenant(came_from)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """A limit that was reached between the form's check and the write: a clear page, nothing written."""
        return refusal(request, error) if isinstance(error, LimitReached) else None

    def _network(self, request: HttpRequest) -> HttpResponseBase:
        request.tenant = None  # type: ignore[attr-defined]  # this middleware's own attribute
        request.urlconf = settings.PUBLIC_SCHEMA_URLCONF
        return self.get_response(request)

    def _site(self, request: HttpRequest, route: SiteRoute) -> HttpResponseBase:
        request.tenant = route  # type: ignore[attr-defined]  # this middleware's own attribute
        if belongs_elsewhere(request, route):
            return moved(request, route)
        with tenant_context(route):
            response = self.get_response(request)
        counter.saw(request=request, response=response, site_id=route.id)
        if (
            request.method == "POST"
            and request.path.startswith(DASHBOARD)
            and response.status_code < FIRST_ERROR
        ):
            tasks.refresh_usage.enqueue(site_id=route.id)  # the Account page reads a copy
        if isinstance(response, StreamingHttpResponse) and not response.is_async:
            response.streaming_content = streamed(cast("Iterator[bytes]", response.streaming_content), route)
        return response


class AccessMiddleware:
    """Holds a site to what its membership leaves of it: in a site that is not open nothing is written, and visitors
    of one that is over see a notice, as do those of one that is blocked for what it holds too much of, or whose owner's
    address is not confirmed yet. Those who work on it can always look.

    Stands where the session, the language and the user are known. An open site within its limits costs nothing.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        site: SiteRoute | None = request.tenant  # type: ignore[attr-defined]  # set by SiteMiddleware
        if site is None or request.path in WAYS_IN_AND_OUT or is_for_everybody(site):
            return self.get_response(request)
        if not site.is_public and is_visit_of_a_stranger(request):
            return for_now(site, "sites/opens_soon.html", retry_after=SECONDS_UNTIL_OPENED)
        if site.is_open:
            hidden = site.shows_notice(now=timezone.now()) and is_visit_of_a_stranger(request)
            return closed(site, template="sites/over_limit.html") if hidden else self.get_response(request)
        if request.method not in SAFE_METHODS:
            return read_only(request)
        if site.access == Site.Access.NOTICE and is_visit_of_a_stranger(request):
            return closed(site, template="sites/closed.html")
        return self.get_response(request)


def is_for_everybody(site: SiteRoute) -> bool:
    """Whether nothing is held back from anybody."""
    return site.is_open and site.is_public and not site.over_limits


def belongs_elsewhere(request: HttpRequest, route: SiteRoute) -> bool:
    """Whether this is a page for visitors, asked for at another of the site's names than the primary one."""
    return (
        route.host != route.primary_host
        and request.method in {"GET", "HEAD"}
        and not request.path.startswith(ON_EVERY_NAME)
    )


def moved(request: HttpRequest, route: SiteRoute) -> HttpResponse:
    """301 to the same page at the primary name: search engines and people keep one address."""
    origin = addresses.site_origin(route.primary_host)
    response = HttpResponsePermanentRedirect(f"{origin}{request.get_full_path()}")
    response["Cache-Control"] = f"max-age={SECONDS_A_MOVE_IS_REMEMBERED}"
    return response


def at_work(request: HttpRequest) -> bool:
    """Whether this is someone who works on the site."""
    return bool(request.user.has_perm("wagtailadmin.access_admin"))


def is_visit_of_a_stranger(request: HttpRequest) -> bool:
    """Whether this asks for the site itself and not for its dashboard, and comes from nobody who works on it."""
    return not request.path.startswith(DASHBOARD) and not at_work(request)


def host_of(request: HttpRequest) -> str:
    """The host a request came to: lower case, without port and final dot. Empty when it is no host name."""
    try:
        host, _port = split_domain_port(request.get_host())
    except DisallowedHost:
        return ""
    return host


def streamed(content: Iterator[bytes], route: SiteRoute) -> Iterator[bytes]:
    """`content`, each part of it made in the site's schema: it is asked for after the request is over."""
    while True:
        with tenant_context(route):
            try:
                part = next(content)
            except StopIteration:
                return
        yield part


def no_website() -> HttpResponse:
    return HttpResponseNotFound(_("There is no website at this address."), content_type="text/plain")


def not_ready(route: SiteRoute | None) -> HttpResponse:
    """What a host gets that leads to no site, to one in the recycle bin, or to one that nobody can see just now."""
    if route is None or route.state == Site.State.RECYCLED:
        return no_website()
    if route.state == Site.State.MAINTENANCE:
        return for_now(route, "sites/in_maintenance.html", retry_after=SECONDS_OF_MAINTENANCE)
    response = for_now(route, "sites/being_made.html", retry_after=SECONDS_TO_RETRY)
    response["Refresh"] = str(SECONDS_TO_RETRY)
    return response


def for_now(route: SiteRoute, template: str, *, retry_after: int) -> HttpResponse:
    """503: a page in place of the site's. Its stylesheet is the network's copy, for nothing of the site is used."""
    stylesheet = f"{settings.NETWORK_ORIGIN}{static('content/site.css')}"
    page = render_to_string(template, {"site": route, "stylesheet": stylesheet})
    response = HttpResponse(page, status=HTTPStatus.SERVICE_UNAVAILABLE)
    response["Retry-After"] = str(retry_after)
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex"
    network = settings.NETWORK_ORIGIN
    response["Content-Security-Policy"] = (
        f"default-src 'none'; style-src {network}; font-src {network}; frame-ancestors 'none'"
    )
    return response


def closed(site: SiteRoute, *, template: str) -> HttpResponse:
    """402: what visitors see in place of a site. Search engines forget the pages, not the address."""
    response = HttpResponse(render_to_string(template, {"site": site}), status=HTTPStatus.PAYMENT_REQUIRED)
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex"
    return response


def read_only(request: HttpRequest) -> HttpResponse:
    """403: nothing was written, what was typed is a step back in the browser, and the way to open the site again."""
    message = _("Nothing was saved: this site is read-only.")
    if request.headers.get("X-Requested-With") == "XMLHttpRequest" or "json" in request.headers.get(
        "Accept", ""
    ):
        return JsonResponse({"success": False, "error_message": message}, status=HTTPStatus.FORBIDDEN)
    page = render_to_string("sites/read_only.html", {"at_work": at_work(request)}, request=request)
    return HttpResponse(page, status=HTTPStatus.FORBIDDEN)


def refusal(request: HttpRequest, error: LimitReached) -> HttpResponse:
    """409: what is used, what is allowed, and the way to more."""
    message = explain(error)
    if request.headers.get("X-Requested-With") == "XMLHttpRequest":
        return JsonResponse({"success": False, "error_message": message}, status=409)
    page = render_to_string(
        "sites/limit_reached.html", {"message": message, "reached": error}, request=request
    )
    return HttpResponse(page, status=409)
