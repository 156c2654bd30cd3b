from typing import Any

from django.core.paginator import Paginator
from django.db import models
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from modelcluster.contrib.taggit import ClusterTaggableManager
from modelcluster.fields import ParentalKey
from taggit.models import Tag, TaggedItemBase
from wagtail.admin.panels import FieldPanel
from wagtail.contrib.routable_page.models import RoutablePageMixin, path
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.search import index

from products.limits import Kind
from sites.content.blocks import BodyBlock
from sites.content.models.findable import Findable
from sites.content.models.limited import LimitedPage
from sites.content.models.media import SiteImage

POSTS_ON_A_PAGE = 12


class BlogIndexPage(RoutablePageMixin, Findable, Page):  # type: ignore[misc, django-manager-missing]  # Wagtail ships no types
    """The list of posts, newest first: all of them, those with one tag, and the newest as a feed."""

    intro = models.TextField(_("introduction"), max_length=400, blank=True)

    content_panels = [*Page.content_panels, FieldPanel("intro")]
    parent_page_types = ["content.HomePage"]
    subpage_types = ["content.PostPage"]
    template = "content/blog.html"

    class Meta:
        verbose_name = _("blog")

    @property
    def posts(self) -> Any:
        """Its published posts, newest first."""
        return PostPage.newest().child_of(self)

    @property
    def tags(self) -> Any:
        """The tags of its published posts, by name. One without any letter has no page."""
        tags = Tag.objects.filter(content_posttag_items__content_object__in=self.posts)
        return tags.exclude(slug="").distinct().order_by("name")

    def get_context(
        self, request: HttpRequest, *args: Any, tag: Tag | None = None, **kwargs: Any
    ) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        posts = self.posts if tag is None else self.posts.filter(tags=tag)
        shown = Paginator(posts, POSTS_ON_A_PAGE).get_page(request.GET.get("page"))
        context |= {"tag": tag, "posts": shown, "canonical": self._address(tag, number=shown.number)}
        return context

    @path("tags/<str:slug>/", name="tag")  # type: ignore[untyped-decorator]  # see above
    def with_tag(self, request: HttpRequest, slug: str) -> HttpResponseBase:
        tag = None if "\0" in slug else self.tags.filter(slug=slug).first()  # PostgreSQL's texts hold no NUL
        if tag is None:
            raise Http404
        answer: HttpResponseBase = self.render(request, tag=tag)
        return answer

    def _address(self, tag: Tag | None, *, number: int) -> str:
        """The one address of what is shown, absolute."""
        path = "" if tag is None else self.reverse_subpage("tag", kwargs={"slug": tag.slug})
        return f"{self.full_url}{path}" + (f"?page={number}" if number > 1 else "")

    @path("feed/", name="feed")  # type: ignore[untyped-decorator]  # see above
    def feed(self, request: HttpRequest) -> HttpResponseBase:
        from sites.content.feeds import newest_posts  # the feed is a view of this model

        return newest_posts(request, blog=self)


class PostTag(TaggedItemBase):  # type: ignore[misc]  # django-taggit ships no types
    content_object = ParentalKey("content.PostPage", related_name="tagged_items", on_delete=models.CASCADE)


class PostPage(LimitedPage, Findable, Page):  # type: ignore[misc, django-manager-missing]  # Wagtail ships no types
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
        return cls.objects.live().public().prefetch_related("image__renditions").order_by("-date", "-pk")

    @property
    def picture(self) -> SiteImage | None:
        return self.image

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        context["blog"] = blog = self.get_parent().specific
        context["more"] = blog.posts.exclude(pk=self.pk)[:3] if isinstance(blog, BlogIndexPage) else []
        return context
