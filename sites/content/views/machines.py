"""What programs ask a site for: robots.txt, and the site's own styles."""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe
from wagtail.models import Site

from products.limits import Kind
from sites import entitlements
from sites.content.models import SiteIdentity

A_YEAR = 365 * 24 * 60 * 60  # seconds


@require_safe
def robots(_request: HttpRequest) -> HttpResponse:
    """Every page may be found; the dashboard and what search finds need not be."""
    origin = Site.objects.get(is_default_site=True).root_url
    lines = [
        "User-agent: *",
        f"Disallow: {reverse('wagtailadmin_home')}",
        f"Disallow: {reverse('site_search')}",
        "",
        f"Sitemap: {origin}{reverse('site_map')}",
    ]
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")


@require_safe
def own_styles(_request: HttpRequest, version: str) -> HttpResponse:  # noqa: ARG001 -- in the address, so that a change has another
    """The styles that the owner wrote, while the feature is on. They stand in a file because the content policy
    knows no other styles."""
    styles = SiteIdentity.load().custom_css
    if not styles or not entitlements.is_on(Kind.CUSTOM_CSS):
        raise Http404
    response = HttpResponse(styles, content_type="text/css; charset=utf-8")
    response["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"
    return response
