"""Signing in and what goes with it: every page in our design and both languages, every mail in our frame."""

import re
from pathlib import Path
from typing import Any

import allauth
import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core import mail
from django.core.cache import cache
from django.test import Client

from accounts.confirmation import is_confirmed
from accounts.models import User
from accounts.sign_in_mails import MAILS
from tests.integration.checkout.reading import text_of

pytestmark = pytest.mark.django_db
PASSWORD = "a-long-password"
NOT_SWITCHED_ON = {"login_code", "password_reset_code", "webauthn_added", "webauthn_removed"}
SECRET = "JBSWY3DPEHPK3PXP"


@pytest.fixture(autouse=True)
def _nobody_was_here_before():
    cache.clear()  # the library counts tries there


@pytest.fixture
def visitor():
    return Client(headers={"host": "localhost", "accept-language": "en"})


@pytest.fixture
def rosa(world):
    user = world.person("rosa")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


@pytest.fixture
def browser(visitor, rosa):
    """Rosa's, just after she typed her password twice: to come in, and for what touches her account's safety."""
    visitor.post("/auth/login/", {"login": rosa.email, "password": PASSWORD})
    visitor.post("/auth/reauthenticate/", {"password": PASSWORD})
    return visitor


def link_in(message):
    return re.findall(r"http://localhost(?::8000)?(/\S+)", message.body)[0]


def html_of(message: Any) -> str:
    html, _kind = message.alternatives[0]
    return str(html)


def code_of(secret):
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


def has_second_factor(user):
    TOTP.activate(user, SECRET)
    RecoveryCodes.activate(user)


def test_every_mail_that_the_library_sends_has_words_of_ours():
    templates = Path(allauth.__file__).parent / "templates"
    sent = {
        f"{app}/email/{file.name.removesuffix('_subject.txt')}"
        for app in ("account", "mfa")
        for file in (templates / app / "email").glob("*_subject.txt")
        if file.name.removesuffix("_subject.txt") not in NOT_SWITCHED_ON
    }
    assert set(MAILS) == sent


def test_a_forgotten_password_is_replaced_by_the_link_in_a_mail(visitor, rosa):
    page = visitor.post("/auth/password/reset/", {"email": rosa.email}, follow=True)
    assert "If there is an account with this address, a link is on its way to it." in text_of(page)
    [message] = mail.outbox
    assert (message.subject, message.to) == ("A new password", [rosa.email])
    assert "Hello Rosa," in message.body
    assert "Choose a new password:" in message.body
    html = html_of(message)
    assert '<h1 style="' in html
    assert "Choose a new password</a>" in html
    form = visitor.get(link_in(message), follow=True)
    assert "A new password" in text_of(form)
    new = {"password1": "quite-another-one", "password2": "quite-another-one"}
    done = visitor.post(form.request["PATH_INFO"], new, follow=True)
    assert "Your password is changed" in text_of(done)
    assert visitor.login(email=rosa.email, password="quite-another-one")
    assert mail.outbox[1].subject == "Your password was changed"


def test_who_chose_a_password_by_the_link_in_a_mail_has_confirmed_the_address(visitor, world):
    """As somebody does whose account an import made, or an owner of the network."""
    anna = world.person("anna")
    mallory = EmailAddress.objects.create(user=anna, email="mallory@example.com", verified=False)
    visitor.post("/auth/password/reset/", {"email": anna.email})
    form = visitor.get(link_in(mail.outbox[0]), follow=True)
    assert not is_confirmed(anna)
    new = {"password1": "quite-another-one", "password2": "quite-another-one"}
    done = visitor.post(form.request["PATH_INFO"], new, follow=True)
    assert "Your password is changed" in text_of(done)
    assert is_confirmed(anna)
    assert not EmailAddress.objects.filter(pk=mallory.pk).exists()  # whoever asked for it


def test_the_link_for_a_new_password_works_once(visitor, rosa):
    visitor.post("/auth/password/reset/", {"email": rosa.email})
    link = link_in(mail.outbox[0])
    form = visitor.get(link, follow=True)
    visitor.post(
        form.request["PATH_INFO"], {"password1": "quite-another-one", "password2": "quite-another-one"}
    )
    again = Client(headers={"host": "localhost"}).get(link, follow=True)
    assert "This link does not work any more" in text_of(again)


def test_an_address_without_an_account_gets_the_same_page_and_another_mail(visitor, rosa):
    known = visitor.post("/auth/password/reset/", {"email": rosa.email}, follow=True)
    unknown = visitor.post("/auth/password/reset/", {"email": "nobody@example.com"}, follow=True)
    assert text_of(known) == text_of(unknown)
    assert mail.outbox[1].subject == "There is no account with this address"
    assert "No account here has this address." in str(mail.outbox[1].body)


def test_a_mail_is_in_the_language_of_its_reader_whoever_asked_for_it(visitor, rosa):
    User.objects.filter(pk=rosa.pk).update(language="nl")
    visitor.post("/auth/password/reset/", {"email": rosa.email})
    assert '<html lang="nl">' in html_of(mail.outbox[0])


def test_a_name_in_a_mail_is_never_taken_for_html(visitor, rosa):
    User.objects.filter(pk=rosa.pk).update(name="<b>Rosa</b> & co")
    visitor.post("/auth/password/reset/", {"email": rosa.email})
    assert "Hello <b>Rosa</b> & co," in str(mail.outbox[0].body)
    assert "Hello &lt;b&gt;Rosa&lt;/b&gt; &amp; co," in html_of(mail.outbox[0])


def test_a_changed_password_is_told_by_mail_with_who_did_it(browser, rosa):
    form = {"oldpassword": PASSWORD, "password1": "quite-another-one", "password2": "quite-another-one"}
    browser.post("/auth/password/change/", form, headers={"user-agent": "Firefox/99"})
    message = mail.outbox[-1]
    assert message.subject == "Your password was changed"
    assert "from 127.0.0.1" in message.body
    assert "with Firefox/99." in " ".join(message.body.split())
    assert "http://localhost:8000/auth/password/reset/" in message.body


def test_a_second_factor_is_set_up_asked_for_and_turned_off(browser, rosa):
    setup = browser.get("/auth/2fa/totp/activate/")
    assert "Open your app for one-time codes and scan this." in text_of(setup)
    code = code_of(setup.context["form"].secret)
    on = browser.post("/auth/2fa/totp/activate/", {"code": code}, follow=True)
    assert "10 of 10 are left." in text_of(on)
    page = text_of(browser.get("/auth/2fa/"))
    assert "App with codes On" in page
    elsewhere = Client(headers={"host": "localhost", "accept-language": "en"})
    asked = elsewhere.post("/auth/login/", {"login": rosa.email, "password": PASSWORD}, follow=True)
    assert "Enter the code that your app shows for this account." in text_of(asked)
    [recovery, *_] = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    elsewhere.post("/auth/2fa/authenticate/", {"code": recovery})
    assert elsewhere.get("/account/").status_code == 200
    off = browser.post("/auth/2fa/totp/deactivate/", follow=True)
    assert "App with codes Off" in text_of(off)
    assert mail.outbox[-1].subject == "The second factor is off"


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("/auth/login/", "Start your site"),
        ("/auth/password/reset/", "Tell us your address"),
        ("/auth/password/reset/done/", "Look into your mail"),
        ("/auth/password/reset/key/x-y/", "This link does not work any more"),
        ("/auth/password/reset/key/done/", "Your password is changed"),
        ("/auth/inactive/", "This account is closed"),
        ("/auth/confirm-email/x/", "This link does not work any more"),
    ],
)
def test_a_page_for_who_is_not_signed_in_is_ours(visitor, db, address, says):
    page = visitor.get(address)
    assert says in text_of(page)
    assert 'class="entrance"' in page.content.decode()


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("/auth/password/change/", "In your other browsers you are signed out when you change it."),
        ("/auth/2fa/", "With it, a stolen password alone opens nothing"),
        ("/auth/2fa/totp/deactivate/", "Turn off the second factor?"),
        ("/auth/2fa/recovery-codes/", "10 of 10 are left."),
        ("/auth/2fa/recovery-codes/generate/", "The ones that you have stop working at once."),
        ("/auth/reauthenticate/", "Is it still you?"),
        ("/auth/2fa/reauthenticate/", "Code from your app"),
    ],
)
def test_a_page_for_who_is_signed_in_is_ours(browser, rosa, address, says):
    has_second_factor(rosa)
    assert says in text_of(browser.get(address))


def test_a_wrong_entry_keeps_what_was_typed_and_says_what_is_wrong(visitor, rosa):
    page = visitor.post("/auth/login/", {"login": rosa.email, "password": "wrong"})
    html = page.content.decode()
    assert f'value="{rosa.email}"' in html
    assert "The email address and/or password you specified are not correct." in text_of(page)


def test_too_many_tries_are_told_to_wait(visitor, rosa):
    form = {"login": rosa.email, "password": "wrong"}
    answers = [visitor.post("/auth/login/", form) for _ in range(40)]
    assert any(
        "Too many failed login attempts" in text_of(page) or page.status_code == 429 for page in answers
    )
