"""The language of pages and mails: a person's own, else their browser's."""

import re
from datetime import UTC, datetime

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import User
from memberships.mails.sending import send_notice
from memberships.models import Notice
from tests.integration.checkout.reading import text_of

pytestmark = pytest.mark.django_db
MARCH_1 = datetime(2026, 3, 1, tzinfo=UTC)
MARCH_17 = datetime(2026, 3, 17, tzinfo=UTC)


@pytest.fixture
def visitor():
    return Client(headers={"host": "localhost"})


@pytest.fixture
def rosa(world, catalogue):
    """A Dutch member of Premium since 1 March."""
    membership = world.signs_up("rosa", catalogue.premium, now=MARCH_1)
    User.objects.filter(pk=membership.customer.user_id).update(language="nl")
    return world.fresh(membership)


@pytest.fixture
def browser(visitor, rosa):
    """Rosa's browser, on 17 March."""
    with time_machine.travel(MARCH_17, tick=False):
        visitor.force_login(rosa.customer.user)
        yield visitor


def test_a_dutch_customer_reads_their_account_in_dutch(browser, rosa):
    page = browser.get(f"/account/{rosa.uid}/", headers={"accept-language": "en"})
    shown = text_of(page)
    assert page.headers["Content-Language"] == "nl"
    assert '<html lang="nl">' in page.content.decode()
    assert "Uw lidmaatschap Wijzigen Premium Actief € 30,00 per maand" in shown
    assert "Volgende rekening € 30,00 op 1 april 2026" in shown
    for english in ("Your Membership", "Limits and usage", "Billing history", "Sign out"):
        assert english not in shown


def test_a_dutch_customer_chooses_in_dutch_and_sees_the_formula_in_dutch(browser, rosa, catalogue):
    shown = text_of(
        browser.get(
            f"/account/{rosa.uid}/change/summary/", {"plan": catalogue.business.uid, "period": "month-1"}
        )
    )
    assert "Gaat nu in." in shown
    assert "Tegoed voor ongebruikte tijd: Premium" in shown
    assert "Business 17 mrt – 17 apr 2026 Business: 1 × € 90,00 = € 90,00" in shown
    assert "Vandaag te betalen € 75,48" in shown  # codespell:ignore
    assert "Volgende rekening op 17 april 2026 € 90,00" in shown
    assert "Upgrade controleren" in shown


def test_the_limits_of_a_plan_are_in_dutch(browser, rosa):
    shown = text_of(browser.get(f"/account/{rosa.uid}/change/"))
    assert "Premium Huidig abonnement € 30,00 per maand" in shown
    assert "50.000 bezoeken per maand" in shown
    assert "1 gebruiker" in shown


def test_a_refusal_is_in_dutch(browser, rosa):
    page = browser.post(f"/account/{rosa.uid}/change/", {"plan": "", "period": "month-1"})
    assert "Kies een abonnement." in text_of(page)


def test_a_dutch_customer_gets_dutch_mails(world, rosa, catalogue):
    world.pays(world.orders(rosa, catalogue.business, now=MARCH_17), now=MARCH_17)
    message = sent("change_done")
    assert message.subject == "Upgrade Premium → Business bij Sitewright"
    lines = message.body.splitlines()
    assert "Dag Rosa," in lines
    assert "Tegoed voor ongebruikte tijd: Premium: €\N{NO-BREAK SPACE}-14,52" in lines
    assert "Betaald: €\N{NO-BREAK SPACE}75,48" in lines
    assert "- Berichten: 100 → onbeperkt" in lines
    html = str(message.alternatives[0][0])
    assert '<html lang="nl">' in html
    assert "Open uw accountpagina" in html


def test_a_date_in_a_dutch_mail_is_dutch(world, rosa, catalogue):
    world.orders(rosa, catalogue.free, now=MARCH_17)
    assert sent("change_scheduled").subject == "Uw wijziging gaat in op 1 april 2026"


@pytest.mark.parametrize(
    ("accepts", "language", "says"),
    [("nl-BE,nl;q=0.9,en;q=0.5", "nl", "Inloggen"), ("en-GB", "en", "Sign in"), ("fr", "en", "Sign in")],
)
def test_a_visitor_reads_the_language_of_their_browser(visitor, accepts, language, says):
    page = visitor.get("/", headers={"accept-language": accepts})
    assert f'<html lang="{language}">' in page.content.decode()
    assert says in text_of(page)


def test_signing_in_is_as_polite_as_the_rest(visitor):
    form = {"login": "nobody@example.com", "password": "something-else"}
    page = visitor.post("/auth/login/", form, headers={"accept-language": "nl"})
    assert "Het e-mailadres of het wachtwoord klopt niet." in text_of(page)


def test_who_signs_in_is_greeted_in_their_own_language(visitor, world):
    world.person("rosa", language="nl")
    form = {"login": "rosa@example.com", "password": "a-long-password"}
    page = visitor.post("/auth/login/", form, headers={"accept-language": "en"}, follow=True)
    assert "U bent ingelogd als Rosa." in text_of(page)


def test_a_visitor_who_chooses_a_language_keeps_it_in_this_browser_alone(visitor):
    answer = visitor.post("/language/", {"language": "nl", "next": "/"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert "Inloggen" in text_of(visitor.get("/", headers={"accept-language": "en"}))
    assert "Sign in" in text_of(Client(headers={"host": "localhost"}).get("/"))


def test_a_link_says_its_language_and_the_browser_remembers_it(visitor):
    linked = visitor.get("/?lang=nl", headers={"accept-language": "en"})
    assert ("Inloggen" in text_of(linked), linked.headers["Content-Language"]) == (True, "nl")
    cookie = linked.cookies["django_language"]
    assert (cookie.value, cookie["samesite"], cookie["max-age"]) == ("nl", "Lax", 31_536_000)
    assert "Inloggen" in text_of(visitor.get("/auth/login/", headers={"accept-language": "en"}))


@pytest.mark.parametrize("asked", ["fr", "", "nl-NL", "../nl", "\0"])
def test_a_link_in_a_language_that_is_not_spoken_changes_nothing(visitor, asked):
    page = visitor.get("/", {"lang": asked}, headers={"accept-language": "nl"})
    assert ("Inloggen" in text_of(page), "django_language" in page.cookies) == (True, False)


def test_a_link_speaks_to_a_member_and_their_account_keeps_its_own_language(browser, rosa):
    assert "Your Membership" in text_of(browser.get(f"/account/{rosa.uid}/?lang=en"))
    assert "Uw lidmaatschap" in text_of(browser.get(f"/account/{rosa.uid}/"))
    assert User.objects.get(pk=rosa.customer.user_id).language == "nl"


def next_of(page: str) -> str:
    """Where the choice of a language leads back to."""
    (value,) = re.findall(r'<input type="hidden"\s+name="next"\s+value="([^"]*)">', page)
    return value


def test_who_came_by_a_link_can_choose_another_language(visitor):
    page = visitor.get("/?lang=nl&code=TEN").content.decode()
    assert next_of(page) == "/?code=TEN"


def test_a_sites_pages_know_no_such_link(site_a, on_site):
    page = on_site(site_a).get("/?lang=nl")
    assert ("django_language" in page.cookies, 'lang="en"' in page.content.decode()) == (False, True)


def test_a_member_who_chooses_a_language_has_it_everywhere(browser, rosa):
    browser.post("/language/", {"language": "en", "next": "/account/"})
    assert User.objects.get(pk=rosa.customer.user_id).language == "en"
    elsewhere = Client(headers={"host": "localhost", "accept-language": "nl"})
    elsewhere.force_login(rosa.customer.user)
    assert "Your Membership" in text_of(elsewhere.get(f"/account/{rosa.uid}/"))


def test_a_language_that_is_not_spoken_is_not_kept(browser, rosa):
    browser.post("/language/", {"language": "fr", "next": "/account/"})
    assert User.objects.get(pk=rosa.customer.user_id).language == "nl"
    assert "Uw lidmaatschap" in text_of(browser.get(f"/account/{rosa.uid}/"))


def test_choosing_a_language_leads_nowhere_else(visitor):
    answer = visitor.post("/language/", {"language": "nl", "next": "https://elsewhere.example/"})
    assert answer.headers["Location"] == "/"


def test_the_languages_stand_on_every_page_that_has_an_address(browser, rosa):
    page = browser.get(f"/account/{rosa.uid}/change/?period=year-1").content.decode()
    assert next_of(page) == f"/account/{rosa.uid}/change/?period=year-1"
    assert "Nederlands" in page
    answer = browser.post(f"/account/{rosa.uid}/change/", {"plan": "", "period": "month-1"})
    assert 'name="next"' not in answer.content.decode()


def test_an_owner_finds_their_dashboard_in_their_language(site_a, owner_of):
    User.objects.filter(pk=site_a.membership.customer.user_id).update(language="nl")
    site_a.membership.customer.user.refresh_from_db()
    page = owner_of(site_a).get("/dashboard/")
    assert '<html lang="nl"' in page.content.decode()
    assert "Uw abonnement" in text_of(page)


def test_an_address_without_a_website_answers_in_the_browsers_language():
    stranger = Client(headers={"host": "nobody.sites.localhost", "accept-language": "nl"})
    assert stranger.get("/").content.decode() == "Op dit adres staat geen website."  # codespell:ignore


def sent(kind: str) -> mail.EmailMultiAlternatives:
    """Send the newest notice of `kind` and answer the mail."""
    send_notice(notice_id=Notice.objects.filter(kind=kind).latest("id").pk, now=timezone.now())
    message = mail.outbox[-1]
    assert isinstance(message, mail.EmailMultiAlternatives)
    return message
