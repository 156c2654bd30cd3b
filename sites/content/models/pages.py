from typing import Any

from django.core.paginator import Paginator
from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from modelcluster.contrib.taggit import ClusterTaggableManager
from modelcluster.fields import ParentalKey
from taggit.models import TaggedItemBase
from wagtail.admin.panels import FieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.search import index

from products.limits import Kind
from sites.content.blocks import BodyBlock
from sites.content.models.limited import LimitedPage
from sites.content.models.media import SiteImage

POSTS_ON_HOME = 7
POSTS_ON_A_PAGE = 12


class HomePage(Page):  # type: ignore[misc]  # Wagtail ships no types
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
    subpage_types = ["content.StandardPage", "content.BlogIndexPage"]
    max_count = 1
    template = "content/home.html"

    class Meta:
        verbose_name = _("home page")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        context["posts"] = PostPage.newest().filter(path__startswith=self.path)[:POSTS_ON_HOME]
        context["blog"] = BlogIndexPage.objects.live().child_of(self).first()
        return context


class StandardPage(LimitedPage, Page):  # type: ignore[misc, django-manager-missing]  # Wagtail ships no types
    """A page that stands for itself: About, Services, Contact."""

    limit_kind = Kind.PAGES

    intro = models.TextField(_("introduction"), max_length=400, blank=True)
    body = StreamField(BodyBlock(), blank=True, verbose_name=_("body"))

    content_panels = [*Page.content_panels, FieldPanel("intro"), FieldPanel("body")]
    search_fields = [*Page.search_fields, index.SearchField("intro"), index.SearchField("body")]
    parent_page_types = ["content.HomePage", "content.StandardPage"]
    subpage_types = ["content.StandardPage"]
    template = "content/page.html"

    class Meta:
        verbose_name = _("page")
        verbose_name_plural = _("pages")


class BlogIndexPage(Page):  # type: ignore[misc]  # Wagtail ships no types
    """The list of posts, newest first, all of them or those with one tag."""

    intro = models.TextField(_("introduction"), max_length=400, blank=True)

    content_panels = [*Page.content_panels, FieldPanel("intro")]
    parent_page_types = ["content.HomePage"]
    subpage_types = ["content.PostPage"]
    template = "content/blog.html"

    class Meta:
        verbose_name = _("blog")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        posts = PostPage.newest().child_of(self)
        tag = request.GET.get("tag", "").replace("\0", "")[:100]  # PostgreSQL's texts hold no NUL
        if tag:
            posts = posts.filter(tags__slug=tag)
        context["tag"] = tag
        context["posts"] = Paginator(posts, POSTS_ON_A_PAGE).get_page(request.GET.get("page"))
        return context


class PostTag(TaggedItemBase):  # type: ignore[misc]  # django-taggit ships no types
    content_object = ParentalKey("content.PostPage", related_name="tagged_items", on_delete=models.CASCADE)


class PostPage(LimitedPage, Page):  # type: ignore[misc, django-manager-missing]  # Wagtail ships no types
    """A post of the blog."""

    limit_kind = Kind.POSTS

    date = models.DateField(_("date"), default=timezone.localdate)
    intro = models.TextField(_("introduction"), max_length=400, blank=True)
    image = models.ForeignKey(
        SiteImage, verbose_name=_("image"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    body = StreamField(BodyBlock(), blank=True, verbose_name=_("body"))
    tags = ClusterTaggableManager(through=PostTag, blank=True, verbose_name=_("tags"))

    content_panels = [
        *Page.content_panels,
        FieldPanel("date"),
        FieldPanel("intro"),
        FieldPanel("image"),
        FieldPanel("body"),
        FieldPanel("tags"),
    ]
    search_fields = [
        *Page.search_fields,
        index.SearchField("intro"),
        index.SearchField("body"),
        index.FilterField("date"),
    ]
    parent_page_types = ["content.BlogIndexPage"]
    subpage_types: list[str] = []
    template = "content/post.html"

    class Meta:
        verbose_name = _("post")
        verbose_name_plural = _("posts")

    @classmethod
    def newest(cls) -> Any:
        """Published posts, newest first, with what a card shows of them."""
        return cls.objects.live().public().select_related("image").order_by("-date", "-pk")
