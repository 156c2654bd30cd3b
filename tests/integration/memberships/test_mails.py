"""Every kind of mail, in every language, as its reader gets it."""

import re
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from django.conf import settings as network
from django.template import Engine

from accounts.letters import WIDTH, Letter
from memberships.mails.content import PARTS
from memberships.mails.samples import STORIES, sample
from memberships.models import Membership, Notice
from memberships.notices import KINDS
from products.models import Product

NOV_23 = datetime(2026, 11, 23, 10, tzinfo=UTC)
LANGUAGES = [code for code, _ in network.LANGUAGES]
SENTENCE = re.compile(r"(?<!/)\b[a-z]{2,}\b")  # words that begin no sentence and are no name
MONEY = re.compile(r"€\s?-?\d[\d.,]*\d")
each_kind = pytest.mark.parametrize("kind", KINDS)
each_language = pytest.mark.parametrize("language", LANGUAGES)

pytestmark = pytest.mark.django_db


@pytest.fixture
def nothing_missing(monkeypatch):
    """A template that asks for what is not there shows it."""
    monkeypatch.setattr(Engine.get_default(), "string_if_invalid", "MISSING %s")


@pytest.fixture
def read(nothing_missing, settings):
    settings.SELLER_NAME, settings.SELLER_IBAN, settings.SELLER_BIC = (
        "Us BV",
        "NL91ABNA0417164300",
        "ABNANL2A",
    )

    def letter(kind: str, language: str = "en") -> Letter:
        return sample(kind, language=language, now=NOV_23)

    return letter


class Page(HTMLParser):
    """What of an HTML mail is read, where it leads, and what it would fetch."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.language, self.title, self.text = "", "", ""
        self.links: list[str] = []
        self.fetched: list[str] = []
        self._inside = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self._inside = tag
        self.language = given.get("lang", self.language)
        self.fetched += [given[name] for name in ("src", "background", "srcset") if name in given]
        self.fetched += re.findall(r"url\(", given.get("style") or "")
        if tag == "link":
            self.fetched.append(given["href"])
        if tag == "a":
            self.links.append(given["href"])

    def handle_endtag(self, tag):
        self._inside = ""

    def handle_data(self, data):
        if self._inside == "title":
            self.title += data
        elif self._inside != "style":
            self.text += data + "\n"


def words(text: str) -> set[str]:
    return set(re.findall(r"[^\W\d_]{2,}", text))


def test_every_kind_says_what_it_is_about_and_can_be_looked_at():
    assert set(PARTS) == set(STORIES) == set(KINDS)


@each_language
@each_kind
def test_a_mail_reads_well_as_text(read, kind, language):
    letter = read(kind, language)
    assert "MISSING" not in letter.subject + letter.text
    assert letter.subject == re.sub(r"[ \n]+", " ", letter.subject).strip()
    assert 0 < len(letter.subject) <= 78
    assert "\n\n\n" not in letter.text
    too_long = [line for line in letter.text.splitlines() if len(line) > WIDTH and " " in line.strip()]
    assert too_long == []
    assert [line for line in letter.text.splitlines() if line != line.rstrip()] == []


@each_language
@each_kind
def test_its_html_says_the_same_and_fetches_nothing(read, kind, language):
    letter = read(kind, language)
    page = Page(letter.html)
    assert "MISSING" not in letter.html
    assert (page.language, page.title) == (language, letter.subject)
    assert page.fetched == []
    assert len(page.links) == 1, "one thing to do"
    assert page.links[0].startswith(network.NETWORK_ORIGIN)
    assert page.links[0] in letter.text
    said = letter.subject + "\n" + letter.text.replace(page.links[0], "")
    assert words(page.text) == words(said)
    assert set(MONEY.findall(page.text)) == set(MONEY.findall(said))


@each_kind
def test_a_dutch_reader_finds_no_english_sentence(read, kind):
    english, dutch = read(kind), read(kind, "nl")
    said = {line.strip() for line in english.text.splitlines() if len(SENTENCE.findall(line)) > 1}
    assert english.subject != dutch.subject
    assert said
    assert said & {line.strip() for line in dutch.text.splitlines()} == set()


def test_looking_at_a_mail_leaves_nothing_behind(read):
    read("change_done")
    assert (Membership.objects.count(), Notice.objects.count(), Product.objects.count()) == (0, 0, 0)
