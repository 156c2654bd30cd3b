"""Trying to cross from one site to another by what pages are made of: links, tags, searches, feeds, previews."""

from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.template import Context, Template
from django.test import Client, RequestFactory
from django_tenants.utils import tenant_context
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Page
from wagtail.rich_text import expand_db_html

from products.limits import Kind
from sites.content.models import BlogIndexPage, HomePage, PostPage, SiteDocument, SiteIdentity, StandardPage
from sites.models import Domain, Site
from tests.plugins.sites import NOW, set_limits

pytestmark = pytest.mark.django_db
SAME_KEY = 7000
BROWSER = "Mozilla/5.0 (X11) Firefox/140.0"


def post(site: Site, title: str, *, tag: str = "", live: bool = True) -> None:
    """A post that has the same key in every site."""
    with tenant_context(site):
        page = PostPage(title=title, pk=SAME_KEY, live=live)
        BlogIndexPage.objects.get().add_child(instance=page)
        if tag:
            page.tags.add(tag)
            page.save()


@pytest.fixture
def both(site_a: Site, site_b: Site) -> list[tuple[Site, str, str]]:
    """Two sites with a post of the same key: the site, its own word, the other's."""
    post(site_a, "Alder", tag="alphatag")
    post(site_b, "Birch", tag="bravotag")
    return [(site_a, "alder", "birch"), (site_b, "birch", "alder")]


def read(site: Site, path: str) -> str:
    response = Client(headers={"host": site.host, "user-agent": BROWSER}).get(path)
    assert response.status_code == 200, path
    return response.content.decode().lower()


def test_a_link_in_rich_text_leads_to_the_sites_own_page(both: list[tuple[Site, str, str]]) -> None:
    for site, own, other in both:
        with tenant_context(site):
            shown = expand_db_html(f'<a linktype="page" id="{SAME_KEY}">x</a>')
        assert (own in shown, other in shown) == (True, False)


def test_a_document_of_another_site_is_not_found_whatever_its_key(
    site_a: Site, site_b: Site, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    with tenant_context(site_a):
        made = SiteDocument(pk=SAME_KEY, title="Plan", file=ContentFile(b"secret plan", "plan.pdf"))
        made.save()
        link = made.url
        shown = expand_db_html(f'<a linktype="document" id="{SAME_KEY}">x</a>')
    assert link in shown
    with tenant_context(site_b):
        assert link not in expand_db_html(f'<a linktype="document" id="{SAME_KEY}">x</a>')
    assert Client(headers={"host": site_b.host}).get(link).status_code == 404


def test_search_feed_tags_and_map_tell_of_the_sites_own_pages(both: list[tuple[Site, str, str]]) -> None:
    for site, own, other in both:
        for path in (f"/search/?q={own}", "/blog/feed/", "/sitemap.xml", "/blog/"):
            text = read(site, path)
            assert (own in text, other in text) == (True, False), path
        assert f"/blog/{other}/" not in read(site, f"/search/?q={other}")
    assert "birch" not in read(both[0][0], "/blog/tags/alphatag/")
    strange = Client(headers={"host": both[0][0].host}).get("/blog/tags/bravotag/")
    assert "birch" not in strange.content.decode().lower()


def test_menus_and_settings_are_the_sites_own(site_a: Site, site_b: Site) -> None:
    for site, word in ((site_a, "Alphaword"), (site_b, "Bravoword")):
        with tenant_context(site):
            page = StandardPage(title=f"Menu of {word}", show_in_menus=True)
            HomePage.objects.get().add_child(instance=page)
            SiteIdentity.objects.update(tagline=f"Tagline of {word}")
    for site, own, other in ((site_a, "alphaword", "bravoword"), (site_b, "bravoword", "alphaword")):
        for _ in range(2):  # the second time from whatever is remembered
            text = read(site, "/")
            assert (f"menu of {own}" in text, other in text) == (True, False)


def test_a_redirect_of_one_site_redirects_nobody_on_another(site_a: Site, site_b: Site) -> None:
    with tenant_context(site_a):
        Redirect.add_redirect("/old", "/blog/")
    assert Client(headers={"host": site_a.host}).get("/old/").status_code == 301
    assert Client(headers={"host": site_b.host}).get("/old/").status_code == 404


def test_a_fragment_that_a_template_remembers_is_the_sites_own(site_a: Site, site_b: Site) -> None:
    kept = Template("{% load cache %}{% cache 60 fragment %}{{ word }}{% endcache %}")
    of_wagtail = Template(
        "{% load wagtail_cache %}{% wagtailcache 60 fragment2 %}{{ word }}{% endwagtailcache %}"
    )
    request = RequestFactory().get("/")
    for site, word in ((site_a, "alpha"), (site_b, "bravo"), (site_a, "changed")):
        with tenant_context(site):
            context = Context({"word": word, "request": request})
            shown = kept.render(context), of_wagtail.render(context)
        expected = "alpha" if word == "changed" else word
        assert shown == (expected, expected)


def test_what_wagtail_remembers_of_roots_and_addresses_is_the_sites_own(site_a: Site, site_b: Site) -> None:
    post(site_a, "Alder")
    for site in (site_a, site_b, site_a):
        with tenant_context(site):
            assert Page.objects.get(pk=HomePage.objects.get().pk).full_url == site.url
    with tenant_context(site_b):
        assert not Page.objects.filter(pk=SAME_KEY).exists()


def test_previews_of_two_editors_at_once_show_each_their_own_site(
    both: list[tuple[Site, str, str]], owner_of: Any
) -> None:
    browsers = [(owner_of(site), own, other) for site, own, other in both]
    for _ in range(2):
        for browser, own, other in browsers:
            draft = browser.get(f"/dashboard/pages/{SAME_KEY}/view_draft/").content.decode().lower()
            assert (own in draft, other in draft) == (True, False)


def test_an_editors_draft_is_seen_by_nobody_through_another_host(
    site_a: Site, site_b: Site, owner_of: Any
) -> None:
    post(site_a, "Alder draft", live=False)
    browser = owner_of(site_a)
    assert browser.get(f"/dashboard/pages/{SAME_KEY}/view_draft/").status_code == 200
    elsewhere = browser.get(f"/dashboard/pages/{SAME_KEY}/view_draft/", headers={"host": site_b.host})
    assert (elsewhere.status_code, b"Alder" in elsewhere.content) == (302, False)


def test_a_name_of_ones_own_shows_ones_own_site_only(site_a: Site, site_b: Site) -> None:
    set_limits(site_b, {Kind.DOMAINS: 1})
    site_b.domains.update(is_primary=False)
    Domain.objects.create(domain="b.example.com", tenant=site_b, is_primary=True, created_at=NOW)
    post(site_a, "Alder")
    answer = Client(headers={"host": "b.example.com", "x-forwarded-host": site_a.host}).get("/blog/alder/")
    assert answer.status_code == 404
    home = Client(headers={"host": "b.example.com"}).get("/").content.decode()
    assert ("Bravo Garden" in home, "Alpha Garden" in home) == (True, False)
