"""Where somebody is signed in, and signing out everywhere else; their name and language."""

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client

from accounts.devices import device
from accounts.models import User

pytestmark = pytest.mark.django_db
PASSWORD = "a-long-password"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
    " Version/18.0 Mobile/15E148 Safari/604.1"
)
EDGE = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0"
    " Safari/537.36 Edg/130.0.0.0"
)


@pytest.fixture
def nina() -> User:
    return User.objects.create_user("nina@example.com", PASSWORD, name="Nina")


def signs_in(user_agent: str) -> Client:
    browser = Client(headers={"host": "localhost", "user-agent": user_agent})
    answer = browser.post("/auth/login/", {"login": "nina@example.com", "password": PASSWORD})
    assert answer.status_code == 302
    return browser


def test_every_browser_is_listed_with_the_one_that_asks(nina: User) -> None:
    signs_in(IPHONE)
    here = signs_in(FIREFOX)
    page = " ".join(here.get("/auth/sessions/").content.decode().split())
    assert page.index("Safari on iPhone") < page.index("Firefox on Linux") < page.index("This browser")
    assert page.count("from 127.0.0.1") == 2
    assert "2 browsers" in " ".join(here.get("/account/").content.decode().split())


def test_signing_out_everywhere_else_leaves_this_browser_alone(nina: User) -> None:
    phone, here = signs_in(IPHONE), signs_in(FIREFOX)
    answer = here.post("/auth/sessions/")
    assert answer["Location"] == "/auth/sessions/"
    assert phone.get("/account/")["Location"] == "/auth/login/?next=/account/"
    page = here.get("/auth/sessions/").content.decode()
    assert "You are signed in nowhere else." in page
    assert "Safari on iPhone" not in page
    assert UserSession.objects.count() == 1


def test_another_persons_sessions_are_neither_shown_nor_ended(nina: User) -> None:
    signs_in(IPHONE)
    User.objects.create_user("mallory@example.com", PASSWORD)
    mallory = Client(headers={"host": "localhost", "user-agent": EDGE})
    mallory.post("/auth/login/", {"login": "mallory@example.com", "password": PASSWORD})
    assert "Safari on iPhone" not in mallory.get("/auth/sessions/").content.decode()
    mallory.post("/auth/sessions/")
    assert UserSession.objects.filter(user=nina).count() == 1
    nobody = Client(headers={"host": "localhost"})
    assert nobody.get("/auth/sessions/")["Location"] == "/auth/login/?next=/auth/sessions/"
    assert nobody.post("/auth/sessions/")["Location"] == "/auth/login/?next=/auth/sessions/"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (FIREFOX, "Firefox on Linux"),
        (IPHONE, "Safari on iPhone"),
        (EDGE, "Edge on Windows"),
        ("curl/8.5.0", "Another program"),
        ("", "Another program"),
        ("<script>alert(1)</script>", "Another program"),
    ],
    ids=["firefox", "iphone", "edge", "curl", "nothing", "hostile"],
)
def test_a_browser_is_called_what_people_call_it(said: str, shown: str) -> None:
    assert device(said) == shown


# -- name and language


def test_name_and_language_are_changed_and_the_answer_is_in_the_new_language(nina: User) -> None:
    browser = signs_in(FIREFOX)
    answer = browser.post("/profile/", {"name": " Nina de Boer ", "language": "nl"})
    assert answer["Location"] == "/account/"
    nina.refresh_from_db()
    assert (nina.name, nina.language) == ("Nina de Boer", "nl")
    assert '<html lang="nl">' in browser.get("/account/").content.decode()


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"name": "", "language": "nl"}, "name"),
        ({"name": "x" * 121, "language": "nl"}, "name"),
        ({"name": "Nina", "language": "tlh"}, "language"),
        ({"name": "Nina"}, "language"),
        ({}, "name"),
    ],
    ids=["no name", "long name", "foreign language", "no language", "nothing"],
)
def test_what_is_wrong_is_said_and_nothing_is_changed(nina: User, typed: dict[str, str], field: str) -> None:
    page = signs_in(FIREFOX).post("/profile/", {**typed, "email": "other@example.com", "is_staff": "on"})
    assert page.status_code == 422
    assert field in page.context["form"].errors
    nina.refresh_from_db()
    assert (nina.name, nina.language, nina.email, nina.is_staff) == ("Nina", "", "nina@example.com", False)


def test_nobody_has_no_profile() -> None:
    nobody = Client(headers={"host": "localhost"})
    assert nobody.get("/profile/")["Location"] == "/auth/login/?next=/profile/"
