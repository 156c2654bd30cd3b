"""The newest posts of a blog, for people who read them elsewhere."""

from datetime import UTC, datetime, time

from django.contrib.syndication.views import Feed
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import override
from django.views.decorators.http import conditional_page

from sites.content.models import BlogIndexPage, PostPage, SiteIdentity

POSTS_IN_A_FEED = 20


class NewestPosts(Feed):  # type: ignore[type-arg]  # Django cannot be asked at run time
    """Every address in it is built from the site's stored host, never from the request's."""

    feed_type = Atom1Feed

    def get_object(self, _request: HttpRequest, *, blog: BlogIndexPage) -> BlogIndexPage:
        return blog

    def title(self, blog: BlogIndexPage) -> str:
        return f"{SiteIdentity.load().name} – {blog.title}"

    def subtitle(self, blog: BlogIndexPage) -> str:
        return blog.summary

    def link(self, blog: BlogIndexPage) -> str:
        return str(blog.full_url)

    def feed_url(self, blog: BlogIndexPage) -> str:
        return f"{blog.full_url}{blog.reverse_subpage('feed')}"

    def items(self, blog: BlogIndexPage) -> "QuerySet[PostPage]":
        posts: QuerySet[PostPage] = blog.posts.prefetch_related("tags")[:POSTS_IN_A_FEED]
        return posts

    def item_title(self, item: PostPage) -> str:
        return str(item.title)

    def item_description(self, item: PostPage) -> str:
        return item.summary

    def item_link(self, item: PostPage) -> str:
        return str(item.full_url)

    def item_pubdate(self, item: PostPage) -> datetime:
        return datetime.combine(item.date, time(), UTC)

    def item_updateddate(self, item: PostPage) -> datetime | None:
        changed: datetime | None = item.last_published_at
        return changed

    def item_categories(self, item: PostPage) -> list[str]:
        return [tag.name for tag in item.tags.all()]


@conditional_page
def newest_posts(request: HttpRequest, *, blog: BlogIndexPage) -> HttpResponseBase:
    """The feed, in the site's language; a reader that has it already gets 304."""
    with override(SiteIdentity.load().language):
        return NewestPosts()(request, blog=blog)
