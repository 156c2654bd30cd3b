"""What every page of a site stands in."""

from dataclasses import dataclass
from typing import Any

from django import template
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page, Site

from accounts.network.live import network
from products.limits import Kind
from sites import entitlements
from sites.content.models import BlogIndexPage, MenuLink, SiteIdentity, links_of
from sites.content.staff_visit import visit_of
from sites.over_limit_display import sentences

register = template.Library()


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Name, design, menus and footer of a site. `origin` begins its absolute addresses; `styles_url` is empty
    without own styles."""

    identity: SiteIdentity
    home: Page
    origin: str
    menu: list[MenuLink]
    footer_menu: list[MenuLink]
    feed_url: str
    styles_url: str
    shows_credit: bool
    network_origin: str

    @property
    def network_name(self) -> str:
        """Looked up where it is shown: many sites' pages need nothing else of the network."""
        return network.network_name


@register.simple_tag
def frame() -> Frame:
    """The frame around the current page. Four queries, and one for each kind of link in the menus."""
    site = Site.objects.select_related("root_page").get(is_default_site=True)
    home = site.root_page
    identity = SiteIdentity.base_queryset().first() or SiteIdentity(name=home.title)
    blog = BlogIndexPage.objects.live().child_of(home).first()
    return Frame(
        identity=identity,
        home=home,
        origin=site.root_url,
        menu=links_of(identity.main_menu) or _pages_in_menus(home),
        footer_menu=links_of(identity.footer_menu),
        feed_url=blog.full_url + blog.reverse_subpage("feed") if blog else "",
        styles_url=_styles_url(identity),
        shows_credit=not entitlements.is_on(Kind.NO_FOOTER_CREDIT),
        network_origin=settings.NETWORK_ORIGIN,
    )


@register.simple_tag
def has_feature(switch: str) -> bool:
    """Whether the current site has it, by the name of its kind."""
    return entitlements.is_on(Kind(switch))


def _pages_in_menus(home: Page) -> list[MenuLink]:
    pages = home.get_children().live().in_menu()
    return [MenuLink(label=page.title, url=page.url, path=page.path) for page in pages]


def _styles_url(identity: SiteIdentity) -> str:
    version = identity.stylesheet_version
    if not version or not entitlements.is_on(Kind.CUSTOM_CSS):
        return ""
    return reverse("site_styles", kwargs={"version": version})


@register.simple_tag(takes_context=True)
def is_owner(context: template.Context) -> bool:
    """Whether the reader owns the membership: the network's pages of this site are not there for anybody else."""
    request = context["request"]
    return bool(request.tenant.belongs_to(getattr(request.user, "uid", None)))


@register.simple_tag(takes_context=True)
def staff_visit(context: template.Context) -> dict[str, Any] | None:
    """The visit by staff that this page is shown in: when it `ends_at`."""
    return visit_of(context["request"])


@register.simple_tag(takes_context=True)
def over_limit_sentences(context: template.Context) -> list[str]:
    """What of the site is over a limit or parked. No query."""
    now = timezone.now()  # noqa: TID251 -- a page is an edge
    return sentences(context["request"].tenant.over_limits, now=now)
