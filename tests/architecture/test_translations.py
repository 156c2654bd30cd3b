"""Every text that people read can be read in every language of the network, and the compiled catalogues are fresh."""

import re
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import allauth
import django
import pytest
import unfold
import wagtail
from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from django.conf import settings
from django.template.base import Lexer, TokenType
from django.utils.translation import trans_real

from config.develop.translations import CATALOGUES, LIBRARIES, compiled, texts, texts_of_library

ROOT = Path(__file__).resolve().parents[2]
PLACEHOLDER = re.compile(r"%\([a-z_]+\)[sd]|%[sd%]")
FOLDERS = ("templates", "sites/templates", "sites/content/templates", "products/templates")
ONLY_IN_ENGLISH = {
    "templates/design.html",  # shown by the demo and nowhere else
    "templates/pages/demo_mails.html",  # see above
    "templates/pages/demo_webhooks.html",  # see above
    "templates/pages/api.html",  # for programmers, as the OpenAPI description that it shows
    "templates/pages/api_type.html",  # see above
}
NOT_INSTALLED = (
    "conf/app_template",
    "contrib/admindocs",
    "contrib/constance",
    "contrib/flatpages",
    "contrib/forms",
    "contrib/gis",
    "contrib/guardian",
    "contrib/import_export",
    "contrib/postgres",
    "contrib/search_promotions",
    "contrib/simple_history",
    "contrib/simple_translation",
    "contrib/sites",
    "contrib/styleguide",
    "contrib/table_block",
    "contrib/typed_table_block",
    "locales",
    "templates/unfold_crispy",
)  # of allauth, Django, Unfold and Wagtail
NOT_SHOWN = {  # by Django's redirects; Wagtail's are in use
    "redirect to",
    "This should be an absolute path, excluding the domain name. Example: “/events/search/”.",
    "This can be either an absolute path (as above) or a full URL starting with a scheme such as “https://”.",
}
SAME_IN_EVERY_LANGUAGE = {"CSV"}
READ_ALOUD = {"alt", "aria-label", "aria-description", "placeholder", "title"}
TEMPLATES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.*"))


def catalogue(folder: Path, language: str) -> Path:
    return folder / language / "LC_MESSAGES" / "django.po"


def messages(source: Path) -> list[Message]:
    with source.open("rb") as file:
        return [message for message in read_po(file) if message.id]


def forms(text: str | list[str] | tuple[str, ...] | None) -> list[str]:
    """A text in all its numbers: one, or one and many."""
    return [text] if isinstance(text, str) else list(text or [])


TRANSLATED = [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
OURS = [catalogue(CATALOGUES, code) for code in TRANSLATED]
SOURCES = [*OURS, *sorted(LIBRARIES.rglob("*.po"))]
each_source = pytest.mark.parametrize("source", SOURCES, ids=lambda path: str(path.relative_to(CATALOGUES)))


@each_source
def test_every_text_is_translated_and_none_is_a_guess(source):
    open_ = [m.id for m in messages(source) if m.fuzzy or not m.string or not all(forms(m.string))]
    assert open_ == []


@each_source
def test_a_translation_fills_in_what_its_source_does(source):
    differ = [
        message.id
        for message in messages(source)
        for form in forms(message.string)
        if sorted(PLACEHOLDER.findall(form)) != sorted(PLACEHOLDER.findall(forms(message.id)[-1]))
    ]
    assert differ == []


@each_source
def test_what_is_committed_is_what_the_catalogue_compiles_to(source):
    assert source.with_suffix(".mo").read_bytes() == compiled(source)


@pytest.mark.parametrize("source", OURS, ids=TRANSLATED)
def test_the_catalogue_holds_the_texts_of_code_and_templates_and_no_other(source):
    """`python -m config.develop.translations` brings it up to date."""
    asked = {message.id for message in texts() if message.id}
    held = {message.id for message in messages(source)}
    assert (asked - held, held - asked) == (set(), set())


@pytest.mark.parametrize("language", TRANSLATED)
def test_what_we_say_in_place_of_a_library_is_still_what_it_says(language):
    assert {forms(m.id)[0] for m in messages(catalogue(LIBRARIES, language))} - said_by_libraries() == set()


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_libraries_speak_every_language(language):
    """Of Wagtail, allauth and Django what their catalogues name; Unfold has none, so what its code and pages say."""
    spoken: Any = trans_real.translation(language)
    known = {forms(key)[0] for key in spoken._catalog.keys()}  # noqa: SIM118 -- Django's catalogue is no mapping
    assert said_by_libraries() - known - NOT_SHOWN == set()


@cache
def said_by_libraries() -> frozenset[str]:
    ours = {message.id for message in texts() if message.id}
    said = {message.id for message in texts_of_library(unfold, without=NOT_INSTALLED) if message.id}
    for package in (allauth, django, wagtail):
        root = Path(package.__path__[0])
        for source in root.rglob("locale/en/LC_MESSAGES/django.po"):
            if not any(root / folder in source.parents for folder in NOT_INSTALLED):
                said |= {message.id for message in messages(source) if not message.context}
    return frozenset(forms(text)[0] for text in said - ours)


def test_no_template_holds_a_text_that_cannot_be_translated():
    assert len(TEMPLATES) > 80
    bare = {
        name: texts
        for path in TEMPLATES
        if (name := str(path.relative_to(ROOT))) not in ONLY_IN_ENGLISH
        and (texts := bare_texts(path.read_text()))
    }
    assert bare == {}


def test_a_bare_text_is_found():
    page = """{# a remark #}<style>p { margin: 0 }</style><p title="Seen">{{ name }} owes
    {% blocktranslate %}nothing{% endblocktranslate %}</p>{% translate "at all" %} · <img alt="">"""
    assert bare_texts(page) == ["title: Seen", "owes"]


def bare_texts(template: str) -> list[str]:
    """The words in `template` that no translation reaches."""
    html = "".join(outside_tags(template))
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader.found


def outside_tags(template: str) -> Iterator[str]:
    inside = ""
    for token in Lexer(template).tokenize():
        if token.token_type == TokenType.BLOCK:
            word = token.contents.split()[0]
            if (
                word in {"blocktranslate", "comment"} or token.contents == "block wrap_class"
            ):  # a name for the styles
                inside = f"end{word}"
            elif word == inside:
                inside = ""
        elif token.token_type == TokenType.TEXT and not inside:
            yield token.contents


class Reader(HTMLParser):
    """Collects what a person would see or hear."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._hidden = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden = tag in {"script", "style"}
        self.found += [f"{name}: {value}" for name, value in attrs if name in READ_ALOUD and has_words(value)]

    def handle_endtag(self, tag: str) -> None:
        self._hidden = False

    def handle_data(self, data: str) -> None:
        if not self._hidden and has_words(data):
            self.found.append(" ".join(data.split()))


def has_words(text: str | None) -> bool:
    return (text or "").strip() not in SAME_IN_EVERY_LANGUAGE and bool(re.search(r"[^\W\d_]{2}", text or ""))
