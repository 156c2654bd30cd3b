"""Every page, as everybody who may open it sees it: on a phone, zoomed in, light and dark, in English and in Dutch."""

import re
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from html.parser import HTMLParser
from typing import Any, Final

import pytest
from axe_core_python.sync_playwright import Axe
from django.urls import NoReverseMatch, reverse
from django.utils.translation import trans_real
from playwright.sync_api import Browser, Page

from config.demo.catalogue import OFFERS
from config.demo.desk import WHY_VISITED
from config.demo.sites import FLEUR, KELLER, ROSA
from tests.browser import pages
from tests.browser.pages import ADMIN, EDITOR, GUARDED, NEWCOMER, NOBODY, OWNER, VISITS
from tests.stack import PASSWORD, Stack

PHONE, ZOOMED, WIDE = 390, 640, 1280  # 640 is 1280 at 200 %
SENTENCE: Final = 3  # words: what is so long and the same in two languages was forgotten
WORD: Final = re.compile(r"(?<!\S)[a-z]{2,}(?![^\s.,:;!?])")
WORDS_OF_PEOPLE: Final = re.compile(
    "|".join(
        re.escape(text)
        for text in (
            *(text for offer in OFFERS for text in (offer.description, offer.name)),
            *(post.title for story in (FLEUR, KELLER, ROSA) for post in story.posts),
            "A headline, a page about you, a first post. Your name is on them already.",  # of the demo's starter
            WHY_VISITED,
        )
    )
)
HIDDEN: Final = {"script", "style", "svg", "code", "pre"}
VOID: Final = {
    "area",
    "base",
    "br",
    "col",
    "embed",
    "hr",
    "img",
    "input",
    "link",
    "meta",
    "source",
    "track",
    "wbr",
}
READ_ALOUD: Final = ("alt", "aria-label", "aria-description", "placeholder", "title")
SEND: Final = "main form button[type=submit]"
COLOURS: Final = {"runOnly": ["color-contrast"]}
SERIOUS: Final = {"serious", "critical"}


@pytest.fixture(scope="module")
def things(stack: Stack) -> dict[str, str]:
    return stack.things()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    # A colour that is on its way to another is none that anybody reads.
    context = browser.new_context(viewport={"width": WIDE, "height": 900}, reduced_motion="reduce")
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("who", [NOBODY, OWNER, NEWCOMER, EDITOR, GUARDED])
def test_everybody_can_use_every_page_that_is_theirs(
    stack: Stack, page: Page, things: dict[str, str], who: str
):
    found = {"signing in": signs_in(page, stack, who, things)}
    for each in VISITS:
        if each.who == who:
            address = f"{stack.origin}{each.path(things)}"
            answer = page.goto(address)
            wrong = (
                [] if (answer.status, page.url) == (each.status, address) else [f"{answer.status} {page.url}"]
            )
            english = [] if each.route in pages.ONLY_IN_ENGLISH else overlooked(page, address)
            found[each.route] = wrong + looks(page) + english
    assert {route: what for route, what in found.items() if what} == {}


def test_the_staff_can_use_every_page_of_their_desk(stack: Stack, page: Page, things: dict[str, str]):
    signs_in(page, stack, ADMIN, things)
    found = {}
    for path in desk(things):
        page.set_viewport_size({"width": WIDE, "height": 900})
        answer = page.goto(f"{stack.origin}{path}")
        wrong = [] if answer.status in {200, 403} else [f"answered {answer.status}"]
        found[path] = wrong + complaints(page, only=SERIOUS) + too_wide(page)
    assert {path: what for path, what in found.items() if what} == {}


def signs_in(page: Page, stack: Stack, who: str, things: dict[str, str]) -> list[str]:
    """Sign in, and prove it once more, as some pages ask. Says what is wrong with the page of the second factor."""
    wrong: list[str] = []
    if who == NOBODY:
        return wrong
    page.goto(f"{stack.origin}/auth/login/?next=/demo/mails/&lang=en")
    page.get_by_label("E-mail address").fill(f"{who}@demo.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.locator(SEND).first.click()
    if who == GUARDED:
        page.wait_for_url("**/2fa/authenticate/")
        wrong = looks(page) + overlooked(page, page.url)
        page.get_by_label("Code").fill(things["code"])
        page.locator(SEND).first.click()
    page.wait_for_url("**/demo/mails/")
    page.goto(f"{stack.origin}/auth/reauthenticate/?next=/demo/mails/")
    page.locator("#id_password").fill(PASSWORD)
    page.locator(SEND).first.click()
    page.wait_for_url("**/demo/mails/")
    return wrong


def looks(page: Page) -> list[str]:
    """What is wrong with the page that is open, in any width and colour scheme. It is loaded once."""
    found = []
    page.set_viewport_size({"width": WIDE, "height": 900})
    page.emulate_media(color_scheme="dark")
    found += [f"dark: {each}" for each in complaints(page, options=COLOURS)]
    page.emulate_media(color_scheme="light")
    found += complaints(page)
    found += too_wide(page)
    return found + [f"on a phone: {each}" for each in complaints(page)]


STICKS_OUT = """() => [...document.querySelectorAll("body *")]
    .filter(element => element.getBoundingClientRect().right > innerWidth + 1)
    .slice(-3).map(element => element.outerHTML.slice(0, 200))"""


def too_wide(page: Page) -> list[str]:
    """Where somebody would have to scroll sideways. Leaves the page as wide as a phone."""
    found = []
    for width in (WIDE, ZOOMED, PHONE):
        page.set_viewport_size({"width": width, "height": 900})
        across = page.evaluate("document.documentElement.scrollWidth")
        if across > width:
            found.append(f"{across} wide on a screen of {width}: {page.evaluate(STICKS_OUT)}")
    return found


def complaints(page: Page, *, options: Any = None, only: set[str] | None = None) -> list[str]:
    """What keeps somebody out, as axe sees it."""
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(Axe().axe_script)
    violations = page.evaluate(
        "async options => (await axe.run(document, options)).violations", options or {}
    )
    return [
        f"{violation['id']}: {node['html'][:200]}"
        for violation in violations
        for node in violation["nodes"]
        if only is None or violation["impact"] in only
    ]


def overlooked(page: Page, address: str) -> list[str]:
    """The texts that stay English when the page is asked for in Dutch: those that our catalogues know, and sentences
    that are the same in both."""
    english, dutch = (texts(page, address, language) for language in ("en", "nl"))
    sources = in_english()
    return sorted(
        f"not in Dutch: {text}"
        for text in dutch
        if text in sources
        or (text in english and len(WORD.findall(WORDS_OF_PEOPLE.sub("", text))) >= SENTENCE)
    )


@cache
def in_english() -> frozenset[str]:
    """Every text, of ours and of the libraries, whose Dutch is another."""
    spoken: Any = trans_real.translation("nl")
    known = spoken._catalog.items()
    return frozenset(
        source
        for source, said in known
        if isinstance(source, str) and said not in {source, ""} and " " in source
    )


def texts(page: Page, address: str, language: str) -> set[str]:
    mark = "&" if "?" in address else "?"
    reader = Reader()
    reader.feed(page.request.get(f"{address}{mark}lang={language}").text())
    return reader.texts


class Reader(HTMLParser):
    """Collects what a person would see or hear, but for what says itself in which language it is."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: set[str] = set()
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        hides = tag in HIDDEN or ("lang" in given and tag != "html")
        if tag not in VOID:
            self._open.append((tag, hides))
        if not hides:
            self._add(*(given.get(name) for name in READ_ALOUD))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not any(hides for _, hides in self._open):
            self._add(data)

    def _add(self, *found: str | None) -> None:
        self.texts |= {" ".join(text.split()) for text in found if text and re.search(r"[^\W\d_]{2}", text)}


def desk(things: dict[str, str]) -> Iterator[str]:
    """Each list, each form and each page of its own at the desk, of the first row there is."""
    for route in pages.routes():
        name = route.removeprefix(pages.DESK)
        if name == route or route in pages.NOT_AT_THE_DESK or not name:
            continue
        kind, _, action = name.rpartition("_")
        if kind != pages.SAME_EVERYWHERE.get(action, kind):
            continue
        row = next((things[each] for each in things if name.startswith(f"{each}_")), None)
        with suppress(NoReverseMatch):
            yield reverse(route, urlconf=pages.URLCONF)
            continue
        for key in ("object_id", "id", "pk") if row else ():
            with suppress(NoReverseMatch):
                yield reverse(route, urlconf=pages.URLCONF, kwargs={key: row})
