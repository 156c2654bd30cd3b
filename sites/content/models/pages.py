from typing import Any

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.search import index

from products.limits import Kind
from sites.content.blocks import BodyBlock
from sites.content.models.blog import BlogIndexPage, PostPage
from sites.content.models.findable import Findable
from sites.content.models.limited import LimitedPage
from sites.content.models.media import SiteImage

POSTS_ON_HOME = 7


class HomePage(Findable, Page):  # type: ignore[misc, django-manager-missing]  # Wagtail ships no types
    """The front of the site: who we are, and what is new."""

    headline = models.CharField(_("headline"), max_length=120, blank=True)
    intro = models.TextField(_("introduction"), max_length=400, blank=True)
    hero = models.ForeignKey(
        SiteImage, verbose_name=_("image"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    body = StreamField(BodyBlock(), blank=True, verbose_name=_("body"))

    content_panels = [
        *Page.content_panels,
        FieldPanel("headline"),
        FieldPanel("intro"),
        FieldPanel("hero"),
        FieldPanel("body"),
    ]
    search_fields = [*Page.search_fields, index.SearchField("intro"), index.SearchField("body")]
    parent_page_types = ["wagtailcore.Page"]
    subpage_types = ["content.StandardPage", "content.ContactPage", "content.BlogIndexPage"]
    max_count = 1
    template = "content/home.html"

    class Meta:
        verbose_name = _("home page")

    @property
    def picture(self) -> SiteImage | None:
        return self.hero

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        context["posts"] = PostPage.newest().filter(path__startswith=self.path)[:POSTS_ON_HOME]
        context["blog"] = BlogIndexPage.objects.live().child_of(self).first()
        return context


class StandardPage(LimitedPage, Findable, Page):  # type: ignore[misc, django-manager-missing]  # Wagtail ships no types
    """A page that stands for itself: About, Services, Prices."""

    limit_kind = Kind.PAGES

    intro = models.TextField(_("introduction"), max_length=400, blank=True)
    body = StreamField(BodyBlock(), blank=True, verbose_name=_("body"))

    content_panels = [*Page.content_panels, FieldPanel("intro"), FieldPanel("body")]
    search_fields = [*Page.search_fields, index.SearchField("intro"), index.SearchField("body")]
    parent_page_types = ["content.HomePage", "content.StandardPage"]
    subpage_types = ["content.StandardPage", "content.ContactPage"]
    template = "content/page.html"

    class Meta:
        verbose_name = _("page")
        verbose_name_plural = _("pages")
