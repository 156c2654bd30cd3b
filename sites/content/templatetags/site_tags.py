"""What every page of a site stands in."""

from dataclasses import dataclass
from typing import Any

from django import template
from django.conf import settings
from wagtail.models import Page, Site

from products.limits import Kind
from sites.content.models import SiteIdentity

register = template.Library()


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Name, colour, menu and footer of a site."""

    identity: SiteIdentity
    home: Page
    menu: list[Page]
    shows_credit: bool
    network_name: str
    network_origin: str


@register.simple_tag(takes_context=True)
def frame(context: template.Context) -> Frame:
    """The frame around the current page. Three queries."""
    request: Any = context["request"]
    home = Site.objects.select_related("root_page").get(is_default_site=True).root_page
    return Frame(
        identity=SiteIdentity.objects.first() or SiteIdentity(name=home.title),
        home=home,
        menu=list(home.get_children().live().in_menu()),
        shows_credit=request.tenant.limits[Kind.NO_FOOTER_CREDIT] is not None,
        network_name=settings.NETWORK_NAME,
        network_origin=settings.NETWORK_ORIGIN,
    )
