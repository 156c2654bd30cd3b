"""Legal texts: which wording is in force, who agreed to which, and who may change them."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import translation

from accounts.legal.models import Acceptance, LegalText
from accounts.legal.operations import accept, text_in_force
from tests.integration.checkout.reading import text_of

pytestmark = pytest.mark.django_db
MARCH_17 = datetime(2026, 3, 17, 12, tzinfo=UTC)
TODAY = date(2026, 3, 17)
TERMS, PRIVACY = LegalText.Kind.TERMS, LegalText.Kind.PRIVACY


@pytest.fixture
def visitor():
    with time_machine.travel(MARCH_17, tick=False):
        yield Client(headers={"host": "localhost", "accept-language": "en"})


def wording(kind, language, day, body="Be kind."):
    return LegalText.objects.create(kind=kind, language=language, in_force_from=day, body=body)


def in_force(language, on=TODAY):
    return text_in_force(kind=TERMS, language=language, on=on)


def test_a_version_is_in_force_from_its_day_until_the_next():
    old, new = wording(TERMS, "en", date(2026, 1, 1)), wording(TERMS, "en", date(2026, 3, 17))
    assert in_force("en", date(2025, 12, 31)) is None
    assert in_force("en", date(2026, 3, 16)) == old
    assert in_force("en", date(2026, 3, 17)) == new


def test_a_language_without_a_wording_reads_the_networks_or_else_any():
    dutch = wording(TERMS, "nl", date(2026, 1, 1))
    assert in_force("en") == dutch
    english = wording(TERMS, "en", date(2026, 1, 1))
    assert (in_force("fr"), in_force("nl")) == (english, dutch)


def test_an_old_wording_in_ones_language_does_not_stand_in_for_the_new_version():
    wording(TERMS, "nl", date(2026, 1, 1))
    english = wording(TERMS, "en", date(2026, 3, 1))
    assert in_force("nl") == english


def test_a_day_has_one_wording_per_language():
    wording(TERMS, "en", date(2026, 1, 1))
    with pytest.raises(IntegrityError, match="a_legal_text_has_one_wording"), transaction.atomic():
        wording(TERMS, "en", date(2026, 1, 1), "Be very kind.")


def test_agreeing_notes_the_wordings_that_were_read(world):
    rosa = world.person("rosa")
    dutch, privacy = wording(TERMS, "nl", date(2026, 1, 1)), wording(PRIVACY, "en", date(2026, 1, 1))
    wording(TERMS, "en", date(2026, 1, 1))
    wording(LegalText.Kind.IMPRINT, "nl", date(2026, 1, 1))
    with translation.override("nl"):
        assert accept(user=rosa, now=MARCH_17) == [dutch, privacy]
    rows = Acceptance.objects.order_by("id").values_list("user", "text", "accepted_at")
    assert list(rows) == [(rosa.pk, dutch.pk, MARCH_17), (rosa.pk, privacy.pk, MARCH_17)]


def test_agreeing_twice_is_agreeing_once_and_a_new_version_is_agreed_to_anew(world):
    rosa, old = world.person("rosa"), wording(TERMS, "en", date(2026, 1, 1))
    accept(user=rosa, now=MARCH_17)
    accept(user=rosa, now=datetime(2026, 3, 18, tzinfo=UTC))
    assert Acceptance.objects.get().accepted_at == MARCH_17
    new = wording(TERMS, "en", date(2026, 4, 1))
    accept(user=rosa, now=datetime(2026, 4, 1, tzinfo=UTC))
    assert set(Acceptance.objects.values_list("text", flat=True)) == {old.pk, new.pk}


def test_a_network_without_texts_asks_for_no_agreement(world):
    assert accept(user=world.person("rosa"), now=MARCH_17) == []


def test_everybody_reads_the_text_in_force(visitor, django_assert_num_queries):
    wording(TERMS, "en", date(2026, 1, 1), "## Fair\nSee https://example.com & be <b>kind</b>:\n- always")
    with django_assert_num_queries(2):
        page = visitor.get("/legal/terms/")
    html = page.content.decode()
    assert "Terms of service In force since 1 January 2026." in text_of(page)
    assert "<h2>Fair</h2>" in html
    assert '<a href="https://example.com" rel="nofollow">https://example.com</a> &amp; be' in html
    assert "&lt;b&gt;kind&lt;/b&gt;" in html
    assert "<li>always</li>" in html


def test_a_text_in_another_language_says_so_and_is_marked_as_such(visitor):
    wording(TERMS, "nl", date(2026, 1, 1), "Wees aardig.")
    page = visitor.get("/legal/terms/")
    assert "It is written in Dutch." in text_of(page)
    assert '<article class="prose" lang="nl">' in page.content.decode()


def test_an_earlier_version_can_still_be_read_and_a_coming_one_not_yet(visitor):
    wording(TERMS, "en", date(2026, 1, 1), "Be kind.")
    wording(TERMS, "en", date(2026, 3, 1), "Be kinder.")
    wording(TERMS, "en", date(2026, 4, 1), "Be kindest.")
    today, before = visitor.get("/legal/terms/"), visitor.get("/legal/terms/2026-01-01/")
    assert "Be kinder." in text_of(today)
    assert "This is an earlier version." in text_of(before)
    assert "Be kind." in text_of(before)
    assert "1 April 2026" not in text_of(today)
    assert visitor.get("/legal/terms/2026-04-01/").status_code == 404


@pytest.mark.parametrize(
    "address", ["terms/", "cookies/", "terms/2026-02-30/", "terms/2020-01-01/", "Terms/", "terms/today/"]
)
def test_a_text_that_there_is_not_is_not_found(visitor, address):
    assert visitor.get(f"/legal/{address}").status_code == 404


def test_the_foot_of_a_page_leads_to_the_texts(visitor):
    page = visitor.get("/").content.decode()
    assert [f'href="/legal/{kind}/"' in page for kind in ("terms", "privacy", "imprint")] == [True] * 3


def test_the_desk_writes_a_text(desk):
    form = {"kind": "terms", "language": "nl", "in_force_from": "2026-01-01", "body": "Wees aardig."}
    assert desk.post("/admin/legal/legaltext/add/", form).status_code == 302
    assert LegalText.objects.get().body == "Wees aardig."
    again = desk.post("/admin/legal/legaltext/add/", form)
    assert "There is a wording of this text in this language" in text_of(again)
    french = desk.post("/admin/legal/legaltext/add/", {**form, "language": "fr"})
    assert (french.status_code, LegalText.objects.count()) == (200, 1)


def test_what_people_agreed_to_can_be_neither_changed_nor_deleted(desk, world):
    text = wording(TERMS, "en", date(2026, 1, 1))
    address = f"/admin/legal/legaltext/{text.pk}"
    form = {"kind": "terms", "language": "en", "in_force_from": "2026-01-01", "body": "Be kinder."}
    assert desk.post(f"{address}/change/", form).status_code == 302
    accept(user=world.person("rosa"), now=MARCH_17)
    assert desk.post(f"{address}/change/", {**form, "body": "Pay."}).status_code == 403
    assert desk.post(f"{address}/delete/", {"post": "yes"}).status_code == 403
    assert LegalText.objects.get().body == "Be kinder."


def test_an_acceptance_is_for_reading(desk, world):
    wording(TERMS, "en", date(2026, 1, 1))
    accept(user=world.person("rosa"), now=MARCH_17)
    row = Acceptance.objects.get()
    assert "Rosa" in text_of(desk.get("/admin/legal/acceptance/"))
    assert desk.get(f"/admin/legal/acceptance/{row.pk}/change/").status_code == 200
    assert desk.post(f"/admin/legal/acceptance/{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert desk.get("/admin/legal/acceptance/add/").status_code == 403
