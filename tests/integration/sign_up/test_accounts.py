"""The account of a sign-up: whose address has one is nobody's business, and its mail is to be confirmed."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from django.test import Client

from accounts.confirmation import is_confirmed
from accounts.legal.models import Acceptance, LegalText
from accounts.models import User
from checkout.models import SignUp
from tests.factories.catalogue import Catalogue
from tests.integration.checkout.reading import text_of
from tests.integration.sign_up.conftest import ACCOUNT, PASSWORD, SignsUp, choice

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("gateway_double")]


@pytest.fixture
def page(visitor: Client, catalogue: Catalogue) -> str:
    """The page that asks for an account."""
    return str(visitor.post("/sign-up/", choice(catalogue.premium))["Location"])


def test_a_new_account_is_signed_in_named_and_asked_to_confirm(visitor: Client, page: str) -> None:
    visitor.post(page, {**ACCOUNT, "email": "Nora@Example.COM"}, headers={"accept-language": "nl"})
    nora = User.objects.get()
    assert (nora.email, nora.name, nora.language) == ("nora@example.com", "Nora Berg", "nl")
    assert visitor.get("/sign-up/site/").status_code == 200
    (sent,) = mail.outbox
    assert sent.to == ["nora@example.com"]
    assert "/auth/confirm-email/" in sent.body
    assert not is_confirmed(nora)


def test_an_address_with_an_account_is_told_by_mail_and_nothing_is_said_on_the_page(
    visitor: Client, page: str
) -> None:
    User.objects.create_user(ACCOUNT["email"], "another-long-password")
    answer = visitor.post(page, ACCOUNT)
    assert answer["Location"] == "/auth/confirm-email/"
    shown = text_of(visitor.get(answer["Location"]))
    assert "already" not in shown
    assert "exist" not in shown
    (sent,) = mail.outbox
    assert sent.to == [ACCOUNT["email"]]
    assert (User.objects.count(), SignUp.objects.count()) == (1, 0)
    assert visitor.get("/account/")["Location"].startswith("/auth/login/")
    visitor.post(page, ACCOUNT)
    assert len(mail.outbox) == 1  # nobody's mailbox is filled through us


def test_where_the_network_asks_for_it_nobody_is_let_in_before_the_mail_is_confirmed(
    visitor: Client, page: str, settings
) -> None:
    settings.EMAIL_CONFIRMATION = "mandatory"
    User.objects.create_user("max@example.com", "another-long-password")
    new = visitor.post(page, ACCOUNT)
    known = Client(headers={"host": "localhost"}).post(page, {**ACCOUNT, "email": "max@example.com"})
    assert (
        (new.status_code, new["Location"])
        == (known.status_code, known["Location"])
        == (302, "/auth/confirm-email/")
    )
    assert SignUp.objects.get().user.email == ACCOUNT["email"]
    EmailAddress.objects.update(verified=True)
    assert visitor.post("/auth/login/", {"login": ACCOUNT["email"], "password": PASSWORD}).status_code == 302
    assert visitor.get("/account/")["Location"] == "/sign-up/"


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("email", "", "This field is required."),
        ("email", "nora", "Enter a valid email address."),
        ("email", "x" * 400 + "@example.com", "Enter a valid email address."),
        ("name", "", "This field is required."),
        ("name", "N" * 121, "Ensure this value has at most 120 characters (it has 121)."),
        ("name", "No\x00ra", "Null characters are not allowed."),
        ("password1", "", "This field is required."),
        ("password1", "short", "This password is too short. It must contain at least 10 characters."),
        ("password1", "1234567890123", "This password is entirely numeric."),
        ("password1", "nora@example.com", "The password is too similar to the e-mail address."),
    ],
    ids=lambda value: value[:12] if isinstance(value, str) else None,
)
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(
    visitor: Client, page: str, field: str, typed: str, message: str
) -> None:
    answer = visitor.post(page, {**ACCOUNT, field: typed})
    assert answer.status_code == 422
    assert message in text_of(answer)
    shown = answer.content.decode()
    assert PASSWORD not in shown
    if field != "name":
        assert 'value="Nora Berg"' in shown
    assert User.objects.count() == 0


def test_accounts_are_not_made_without_end(visitor: Client, page: str, settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "signup": "1/m/ip"}
    assert visitor.post(page, {**ACCOUNT, "name": ""}).status_code == 422
    assert visitor.post(page, ACCOUNT).status_code == 429


def test_the_account_page_without_a_choice_leads_to_the_plans(visitor: Client, catalogue: Catalogue) -> None:
    assert visitor.get("/sign-up/account/")["Location"].startswith("/sign-up/?plan=")
    assert visitor.get("/auth/signup/")["Location"] == "/sign-up/"


def test_the_texts_in_force_are_agreed_to_with_the_account(visitor: Client, page: str) -> None:
    for kind in ("terms", "privacy"):
        LegalText.objects.create(kind=kind, language="en", in_force_from="2026-01-01", body="Be kind.")
    assert "By going on you agree to" in text_of(visitor.get(page))
    visitor.post(page, ACCOUNT)
    assert set(Acceptance.objects.values_list("text__kind", flat=True)) == {"terms", "privacy"}


# -- the address itself


def link_in(message: object) -> str:
    (path,) = re.findall(r"http://[^/\s]+(/auth/confirm-email/\S+/)", str(message))
    return str(path)


def test_the_link_in_the_mail_confirms(signs_up: SignsUp, catalogue: Catalogue) -> None:
    browser = signs_up(catalogue.free)
    browser.post(link_in(mail.outbox[0].body))
    assert is_confirmed(User.objects.get())


def test_an_address_that_is_not_confirmed_does_not_become_the_primary_one(
    signs_up: SignsUp, catalogue: Catalogue
) -> None:
    browser = signs_up(catalogue.free)
    nora = User.objects.get()
    assert browser.get("/auth/email/").status_code == 200
    browser.post("/auth/email/", {"email": "victim@example.com", "action_add": ""})
    browser.post("/auth/email/", {"email": "victim@example.com", "action_primary": ""})
    nora.refresh_from_db()
    assert nora.email == ACCOUNT["email"]
    assert not EmailAddress.objects.filter(primary=True, email="victim@example.com").exists()


def test_another_address_takes_the_place_of_the_first_once_it_is_confirmed(
    signs_up: SignsUp, catalogue: Catalogue
) -> None:
    browser = signs_up(catalogue.free)
    browser.post("/auth/email/", {"email": "New@Example.com", "action_add": ""})
    browser.post(link_in(mail.outbox[-1].body))
    assert User.objects.get().email == "new@example.com"
    assert EmailAddress.objects.get().verified


def test_an_address_that_became_another_accounts_meanwhile_is_not_taken_from_it(
    signs_up: SignsUp, catalogue: Catalogue
) -> None:
    browser = signs_up(catalogue.free)
    browser.post("/auth/email/", {"email": "omar@example.com", "action_add": ""})
    link = link_in(mail.outbox[-1].body)
    User.objects.create_user("omar@example.com")
    assert browser.post(link).status_code in {200, 302}
    assert sorted(User.objects.values_list("email", flat=True)) == ["nora@example.com", "omar@example.com"]


@pytest.mark.parametrize("typed", ["", "x", "a@b", "x" * 5000 + "@example.com", "\x00@example.com"])
def test_the_page_of_ones_address_takes_nonsense_calmly(
    signs_up: SignsUp, catalogue: Catalogue, typed: str
) -> None:
    browser = signs_up(catalogue.free)
    for action in ("action_add", "action_primary", "action_send", "action_remove"):
        assert browser.post("/auth/email/", {"email": typed, action: ""}).status_code in {200, 302}
    assert EmailAddress.objects.get().email == ACCOUNT["email"]


def test_the_mail_can_be_asked_for_again_but_not_at_once(signs_up: SignsUp, catalogue: Catalogue) -> None:
    browser = signs_up(catalogue.free)
    browser.post("/confirm-again/", {"next": "/sign-up/site/"})
    assert len(mail.outbox) == 1
    cache.clear()  # three minutes later
    answer = browser.post("/confirm-again/", {"next": "/sign-up/site/"})
    assert answer["Location"] == "/sign-up/site/"
    assert len(mail.outbox) == 2
    EmailAddress.objects.update(verified=True)
    cache.clear()
    browser.post("/confirm-again/")
    assert len(mail.outbox) == 2


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", ""])
def test_asking_again_leads_nowhere_else(signs_up: SignsUp, catalogue: Catalogue, wanted: str) -> None:
    browser = signs_up(catalogue.free)
    assert browser.post("/confirm-again/", {"next": wanted})["Location"] == "/account/"


def test_a_mail_server_that_is_away_keeps_nobody_from_going_on(
    visitor: Client, page: str, monkeypatch, caplog
) -> None:
    def away(*_: object, **__: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr("django.core.mail.EmailMessage.send", away)
    assert visitor.post(page, ACCOUNT)["Location"] == "/sign-up/site/"
    assert "no mail server took" in caplog.text
