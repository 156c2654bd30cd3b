"""How a site looks is its owner's choice, and what of it needs a feature goes with the feature."""

import re
from typing import Any

import pytest
from django.test import Client
from wagtail.models import Site as WagtailSite

from products.limits import Kind
from sites.content.models import HomePage, SiteIdentity, StandardPage
from sites.models import Site

pytestmark = pytest.mark.django_db


def text_of(browser: Client, path: str, status: int = 200) -> str:
    response = browser.get(path)
    assert response.status_code == status, response.content
    return response.content.decode()


def settings_of(**fields: Any) -> None:
    identity = SiteIdentity.objects.get()
    for name, value in fields.items():
        setattr(identity, name, value)
    identity.save()


@pytest.mark.parametrize("theme", ["meadow", "gazette", "poster"])
def test_a_theme_is_one_stylesheet_and_every_page_wears_it(visitor: Client, inside: Site, theme: str) -> None:
    settings_of(theme=theme, accent="plum", mode="dark")
    for path, status in (("/", 200), ("/blog/", 200), ("/search/", 200), ("/nowhere/", 404)):
        page = text_of(visitor, path, status=status)
        assert re.findall(r'href="[^"]*content/themes/([a-z]+)[^"]*\.css"', page) == [theme]
        assert 'data-accent="plum"' in page
        assert 'data-mode="dark"' in page


def test_pages_speak_the_language_of_their_author_whatever_the_visitor_reads(
    visitor: Client, inside: Site
) -> None:
    settings_of(language="nl")
    page = visitor.get("/", headers={"accept-language": "en"}).content.decode()
    assert '<html lang="nl"' in page
    assert "Nieuwste berichten" in page


def test_without_menus_the_pages_under_home_that_show_in_menus_are_the_menu(
    visitor: Client, inside: Site
) -> None:
    home = HomePage.objects.get()
    home.add_child(instance=StandardPage(title="About", show_in_menus=True))
    home.add_child(instance=StandardPage(title="Not this"))
    assert menu(text_of(visitor, "/")) == [("/blog/", "Blog"), ("/about/", "About")]


def test_menus_lead_where_the_owner_says_and_never_to_a_page_that_is_not_there(
    visitor: Client, inside: Site
) -> None:
    home = HomePage.objects.get()
    about = home.add_child(instance=StandardPage(title="About"))
    draft = home.add_child(instance=StandardPage(title="Draft", live=False))
    settings_of(
        main_menu=[
            ("page", {"page": about, "label": "Who we are"}),
            ("page", {"page": draft, "label": ""}),
            ("address", {"label": "Shop", "address": "https://shop.example/"}),
        ]
    )
    page = text_of(visitor, "/about/")
    assert menu(page) == [("/about/", "Who we are"), ("https://shop.example/", "Shop")]
    assert '<a href="/about/" aria-current="page">' in page


def menu(page: str) -> list[tuple[str, str]]:
    (nav,) = re.findall(r'<nav class="site-nav".*?</nav>', page, re.DOTALL)
    found = re.findall(r'<a href="([^"]*)"[^>]*>([^<]+)</a>', nav)
    return [(url, label) for url, label in found if url != "/search/"]


def test_the_network_is_named_in_the_footer_until_the_plan_says_otherwise(
    visitor: Client, inside: Site, allow
) -> None:
    assert "Made with" in text_of(visitor, "/")
    allow({Kind.NO_FOOTER_CREDIT: None})
    assert "Made with" not in text_of(visitor, "/")


def test_the_sitemap_and_robots_name_the_primary_host(visitor: Client, inside: Site, settings: Any) -> None:
    settings.SITES_SCHEME, settings.SITES_ORIGIN_PORT = "https", "443"
    WagtailSite.objects.update(hostname="garden.example")
    assert "Sitemap: https://garden.example/sitemap.xml" in text_of(visitor, "/robots.txt")


# -- own styles

RED = "h1 { color: red }"


def styles_of(page: str) -> list[str]:
    return re.findall(r'href="(/styles/[^"]*)"', page)


def save_settings(browser: Client, **fields: str):
    form = {"name": "Alpha Garden", "language": "en", "theme": "meadow", "accent": "ocean", "mode": "auto"}
    form |= {"main_menu-count": "0", "footer_menu-count": "0", **fields}
    return browser.post("/dashboard/settings/content/siteidentity/1/", form)


def test_own_styles_need_the_feature_and_what_was_typed_is_kept(owner: Client, inside: Site, allow) -> None:
    refused = save_settings(owner, custom_css=RED)
    text = refused.content.decode()
    assert refused.status_code == 200
    assert "Own styles are not part of your plan." in text
    assert RED in text
    assert SiteIdentity.objects.get().custom_css == ""
    allow({Kind.CUSTOM_CSS: None})
    assert save_settings(owner, custom_css=RED).status_code == 302
    assert SiteIdentity.objects.get().custom_css == RED


def test_own_styles_that_would_load_from_elsewhere_are_refused_in_the_form(
    owner: Client, inside: Site, allow
) -> None:
    allow({Kind.CUSTOM_CSS: None})
    refused = save_settings(owner, custom_css="a {}\n@import 'https://evil.example/';")
    assert "Line 2: @import is not possible here." in refused.content.decode()
    assert SiteIdentity.objects.get().custom_css == ""


def test_own_styles_are_a_file_of_the_site_and_go_the_moment_the_feature_goes(
    visitor: Client, inside: Site, allow
) -> None:
    settings_of(custom_css=RED)
    assert styles_of(text_of(visitor, "/")) == []
    allow({Kind.CUSTOM_CSS: None})
    (address,) = styles_of(text_of(visitor, "/"))
    response = visitor.get(address)
    assert (response.content.decode(), response["Content-Type"]) == (RED, "text/css; charset=utf-8")
    allow({Kind.CUSTOM_CSS: 0})
    assert styles_of(text_of(visitor, "/")) == []
    text_of(visitor, address, status=404)
    assert SiteIdentity.objects.get().custom_css == RED


def test_changed_styles_have_another_address(visitor: Client, inside: Site, allow) -> None:
    allow({Kind.CUSTOM_CSS: None})
    settings_of(custom_css=RED)
    before = styles_of(text_of(visitor, "/"))
    settings_of(custom_css="h1 { color: blue }")
    assert styles_of(text_of(visitor, "/")) != before
