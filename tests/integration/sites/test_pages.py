"""What visitors, readers of feeds and search engines get of a site's pages."""

import io
import re
from datetime import date
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.core.files.images import ImageFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Site as WagtailSite

from products.limits import Kind
from sites.content.models import BlogIndexPage, HomePage, PostPage, SiteImage, StandardPage
from sites.models import Site

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"
ORIGIN = "http://alpha.sites.localhost:8000"


def text_of(browser: Client, path: str, status: int = 200) -> str:
    response = browser.get(path)
    assert response.status_code == status, response.content
    return response.content.decode()


def write(title: str, *tags: str, **fields: Any) -> PostPage:
    post = PostPage(title=title, **fields)
    post.tags.add(*tags)
    return BlogIndexPage.objects.get().add_child(instance=post)


def three_posts() -> None:
    write("On slugs", "garden", "pests", date=date(2026, 1, 3), intro="What they leave.")
    write("On ferns", "garden", date=date(2026, 2, 3))
    write("On chairs", date=date(2026, 3, 3))


def titles(page: str) -> list[str]:
    return re.findall(r'card__title"><a href="[^"]*">([^<]*)<', page)


# -- the blog


def test_the_blog_lists_its_posts_newest_first(visitor: Client, inside: Site) -> None:
    three_posts()
    assert titles(text_of(visitor, "/blog/")) == ["On chairs", "On ferns", "On slugs"]


def test_a_tag_has_a_page_of_its_own(visitor: Client, inside: Site) -> None:
    three_posts()
    page = text_of(visitor, "/blog/tags/garden/")
    assert titles(page) == ["On ferns", "On slugs"]
    assert f'<link rel="canonical" href="{ORIGIN}/blog/tags/garden/">' in page


@pytest.mark.parametrize("name", ["Käse & Brot", "日本", "C++", "a/b"])
def test_a_tag_may_have_any_name(visitor: Client, inside: Site, name: str) -> None:
    write("On cheese", name)
    (address,) = re.findall(r'href="(/blog/tags/[^"]*)"', text_of(visitor, "/blog/on-cheese/"))
    assert titles(text_of(visitor, address)) == ["On cheese"]


def test_a_tag_without_a_letter_spoils_no_page(visitor: Client, inside: Site) -> None:
    write("On percents", "%")
    assert "On percents" in text_of(visitor, "/blog/on-percents/")
    assert titles(text_of(visitor, "/blog/")) == ["On percents"]


def test_the_second_page_of_posts_is_a_page_of_its_own(visitor: Client, inside: Site, allow) -> None:
    allow({Kind.POSTS: 13})
    for number in range(13):
        write(f"Post {number}", date=date(2026, 1, 1 + number))
    page = text_of(visitor, "/blog/?page=2")
    assert titles(page) == ["Post 0"]
    assert f'<link rel="canonical" href="{ORIGIN}/blog/?page=2">' in page


def test_a_tag_that_no_published_post_has_is_not_there(visitor: Client, inside: Site) -> None:
    write("On slugs", "garden").unpublish()
    text_of(visitor, "/blog/tags/garden/", status=404)


def test_a_post_names_its_tags_and_leads_to_others(visitor: Client, inside: Site) -> None:
    three_posts()
    page = text_of(visitor, "/blog/on-slugs/")
    assert re.findall(r'href="(/blog/tags/[^"]*)"', page) == ["/blog/tags/garden/", "/blog/tags/pests/"]
    assert titles(page) == ["On chairs", "On ferns"]


def test_the_feed_has_the_newest_posts_under_the_sites_own_address(visitor: Client, inside: Site) -> None:
    three_posts()
    response = visitor.get("/blog/feed/")
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    feed = ET.fromstring(response.content)
    assert feed.findtext(f"{ATOM}title") == "Alpha Garden – Blog"
    assert [entry.findtext(f"{ATOM}title") for entry in feed.iter(f"{ATOM}entry")] == [
        "On chairs",
        "On ferns",
        "On slugs",
    ]
    assert [link.get("href") for link in feed.iter(f"{ATOM}link")] == [
        f"{ORIGIN}/blog/",
        f"{ORIGIN}/blog/feed/",
        f"{ORIGIN}/blog/on-chairs/",
        f"{ORIGIN}/blog/on-ferns/",
        f"{ORIGIN}/blog/on-slugs/",
    ]
    assert f'href="{ORIGIN}/blog/feed/"' in text_of(visitor, "/")


def test_pages_name_the_address_that_the_installation_has_today(
    visitor: Client, inside: Site, settings: Any
) -> None:
    settings.SITES_SCHEME, settings.SITES_ORIGIN_PORT = "https", "8443"
    WagtailSite.clear_site_root_paths_cache()  # the other address has another cache
    pages = [text_of(visitor, path) for path in ("/", "/blog/", "/blog/feed/", "/sitemap.xml", "/robots.txt")]
    assert all("https://alpha.sites.localhost:8443/" in page for page in pages)
    assert not any(ORIGIN in page for page in pages)


def test_a_feed_that_the_reader_has_is_not_sent_again(visitor: Client, inside: Site) -> None:
    three_posts()
    tag = visitor.get("/blog/feed/")["ETag"]
    assert visitor.get("/blog/feed/", headers={"if-none-match": tag}).status_code == 304


def test_a_post_more_on_the_front_costs_no_statement_more(visitor: Client, inside: Site) -> None:
    image = SiteImage.objects.create(title="Dot", file=ImageFile(io.BytesIO(dot()), name="dot.png"))
    write("First", image=image)
    write("Second", image=image)
    before = statements_for(visitor, "/")
    write("Third", image=image)
    assert statements_for(visitor, "/") == before


def statements_for(browser: Client, path: str) -> int:
    for _ in range(2):  # the first readers make the sizes of a picture
        text_of(browser, path)
    with CaptureQueriesContext(connection) as asked:
        text_of(browser, path)
    return len(asked)


def dot() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "tomato").save(out, "PNG")
    return out.getvalue()


# -- being found


def test_the_sitemap_has_what_may_be_found_and_robots_are_led_to_it(visitor: Client, inside: Site) -> None:
    three_posts()
    home = HomePage.objects.get()
    home.add_child(instance=StandardPage(title="About"))
    home.add_child(instance=StandardPage(title="For friends", is_unlisted=True))
    found = re.findall(r"<loc>(.*?)</loc>", text_of(visitor, "/sitemap.xml"))
    paths = ["/", "/blog/", "/blog/on-slugs/", "/blog/on-ferns/", "/blog/on-chairs/", "/about/"]
    assert found == [f"{ORIGIN}{path}" for path in paths]
    assert text_of(visitor, "/robots.txt") == (
        f"User-agent: *\nDisallow: /dashboard/\nDisallow: /search/\n\nSitemap: {ORIGIN}/sitemap.xml\n"
    )


def test_a_page_tells_search_engines_what_its_author_wrote_for_them(visitor: Client, inside: Site) -> None:
    write("On slugs", seo_title="Slugs & you", search_description="A truce.", date=date(2026, 1, 3))
    page = text_of(visitor, "/blog/on-slugs/")
    assert re.search(r"<title>\s*Slugs &amp; you – Alpha Garden\s*</title>", page)
    assert '<meta name="description" content="A truce.">' in page
    assert '<meta property="og:title" content="Slugs &amp; you">' in page
    assert f'<link rel="canonical" href="{ORIGIN}/blog/on-slugs/">' in page
    assert "noindex" not in page


def test_a_page_is_shared_with_its_own_picture_or_the_one_for_sharing(visitor: Client, inside: Site) -> None:
    own, other = (
        SiteImage.objects.create(
            title=name, description=name, file=ImageFile(io.BytesIO(dot()), name="dot.png")
        )
        for name in ("Own", "Other")
    )
    post = write("On slugs", image=own)
    assert '<meta property="og:image:alt" content="Own">' in text_of(visitor, "/blog/on-slugs/")
    post.share_image = other
    post.save()
    page = text_of(visitor, "/blog/on-slugs/")
    assert '<meta property="og:image:alt" content="Other">' in page
    assert f'<meta property="og:image" content="{ORIGIN}/media/images/' in page


@pytest.mark.parametrize(("slug", "status"), [("search", 200), ("enter", 200), ("searching", 302)])
def test_a_page_cannot_have_an_address_of_the_site_itself(
    owner: Client, inside: Site, slug: str, status: int
) -> None:
    home = HomePage.objects.get().pk
    form = {"title": "Mine", "slug": slug, "action-publish": "1", "body-count": "0"}
    form |= {"comments-TOTAL_FORMS": "0", "comments-INITIAL_FORMS": "0"}
    answer = owner.post(f"/dashboard/pages/add/content/standardpage/{home}/", form)
    assert answer.status_code == status
    assert ("This address is taken by the site itself." in answer.content.decode()) == (status == 200)


def test_a_hidden_page_asks_not_to_be_found(visitor: Client, inside: Site) -> None:
    HomePage.objects.get().add_child(instance=StandardPage(title="Friends", is_unlisted=True))
    assert '<meta name="robots" content="noindex">' in text_of(visitor, "/friends/")


def test_search_finds_words_in_published_pages_only(visitor: Client, inside: Site) -> None:
    write("On slugs", body=[("text", "<p>They love hostas.</p>")])
    write("On hostas").unpublish()
    page = text_of(visitor, "/search/?q=hostas")
    assert re.findall(r'<h2><a href="([^"]*)">', page) == ["/blog/on-slugs/"]
    assert "1 page with “hostas”" in page


@pytest.mark.parametrize("words", ["", "%00", "%27%29%3B--", "<script>", "x" * 5000])
def test_search_takes_any_words(visitor: Client, inside: Site, words: str) -> None:
    assert "<script>" not in text_of(visitor, f"/search/?q={words}")


# -- redirects


def test_a_page_that_moved_is_found_at_its_new_address(
    visitor: Client, inside: Site, django_capture_on_commit_callbacks
) -> None:
    post = write("On slugs")
    with django_capture_on_commit_callbacks(execute=True):
        post.slug = "slugs"
        post.save_revision().publish()
    response = visitor.get("/blog/on-slugs/")
    assert (response.status_code, response["Location"]) == (301, "/blog/slugs/")


def test_a_redirect_of_the_owner_leads_elsewhere_and_others_are_not_found(
    visitor: Client, inside: Site
) -> None:
    Redirect.objects.create(old_path="/old-shop", redirect_link="https://shop.example/", is_permanent=False)
    response = visitor.get("/old-shop/?from=card")
    assert (response.status_code, response["Location"]) == (302, "https://shop.example/")
    assert "This page is not here" in text_of(visitor, "/older-shop/", status=404)


def test_a_redirect_of_one_site_leads_nowhere_in_another(
    visitor: Client, site_b: Site, inside: Site, on_site
) -> None:
    Redirect.objects.create(old_path="/old", redirect_link="https://shop.example/")
    assert visitor.get("/old/").status_code == 301
    assert on_site(site_b).get("/old/").status_code == 404
