"""The demo's sites, each in another theme, as their visitors see them: on a phone and on a desktop, light and dark."""

from itertools import product
from pathlib import Path
from typing import Final, Literal

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.stack import Stack

PAGES = {
    "fleur": ("/", "/blog/", "/blog/what-slugs-do-not-eat/", "/about/", "/search/?q=clay"),
    "keller": ("/", "/blog/", "/blog/a-chair-in-eleven-joints/", "/the-workshop/", "/write-to-us/"),
    "rosa": ("/", "/blog/", "/blog/desem-voor-beginners/", "/over-ons/", "/bestellen/"),
}
SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
WIDE = 1280
ACCENTS = ("ink", "ocean", "forest", "clay", "plum", "amber")


@pytest.mark.parametrize("width", [390, WIDE])
@pytest.mark.parametrize("site", PAGES)
def test_themes_can_be_read_by_everybody_and_fit_the_screen(
    stack: Stack, page: Page, pictures: Path | None, site: str, width: int
):
    found: dict[str, list[str]] = {}
    for path, scheme in product(PAGES[site], SCHEMES):
        page.emulate_media(color_scheme=scheme)
        page.goto(f"{stack.site(site)}{path}")
        if pictures:
            name = path.strip("/").replace("/", "-").replace("?", "-") or "home"
            page.screenshot(path=pictures / f"{site}-{name}-{width}-{scheme}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") == width, path
        assert page.locator("script").count() == 0
        if width == WIDE or scheme == "light":  # colours are the same on a phone
            found[f"{path} {scheme}"] = complaints(page)
        for accent in ACCENTS if width == WIDE and path == "/" else ():
            page.evaluate("accent => document.documentElement.dataset.accent = accent", accent)
            found[f"{path} {scheme} {accent}"] = complaints(page)
    assert {where: what for where, what in found.items() if what} == {}


def complaints(page: Page) -> list[str]:
    return [
        f"{violation['id']}: {node['html'][:120]}"
        for violation in Axe().run(page)["violations"]
        for node in violation["nodes"]
    ]


@pytest.mark.parametrize("width", [390, 1280])
def test_a_visitor_writes_to_a_site_without_scripts(stack: Stack, browser: Browser, width: int):
    context = browser.new_context(viewport={"width": width, "height": 900}, java_script_enabled=False)
    page = context.new_page()
    page.goto(stack.site("keller"))
    page.get_by_role("link", name="Write to us").first.click()
    page.get_by_label("Name").fill("Vera")
    page.get_by_label("Email").fill("vera@example.com")
    page.get_by_label("Message").fill("Do you mend chairs that are not yours?")
    page.get_by_role("button", name="Send message").click()
    expect(page.get_by_role("heading", name="Your message was sent")).to_be_visible()
    context.close()
