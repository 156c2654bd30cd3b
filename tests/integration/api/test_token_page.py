"""Where a person makes and revokes tokens, and where staff look after them."""

import re
import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.tokens.models import ApiToken, Scope
from accounts.tokens.operations import (
    MOST_TOKENS,
    TokenMadeBefore,
    TooManyTokens,
    make_token,
    revoke_token,
    token_of,
)
from tests.integration.api.conftest import MARCH_1, MARCH_17, Program, token_for
from tests.integration.checkout.reading import text_of

pytestmark = pytest.mark.django_db
PAGE = "/account/tokens/"
PASSWORD = "a-long-password"


@pytest.fixture
def alice(world, catalogue):
    """On Free, which costs no payment."""
    return world.signs_up("alice", catalogue.free, now=MARCH_1)


@pytest.fixture
def vera(world):
    return world.person("vera")


@pytest.fixture
def browser(vera):
    """Vera's, who has just proved who she is."""
    client = Client(headers={"host": "localhost"})
    client.post("/auth/login/", {"login": vera.email, "password": PASSWORD})
    client.post("/auth/reauthenticate/", {"password": PASSWORD})
    return client


def form(page, **fields):
    [uid] = re.findall(r'name="uid" value="([0-9a-f-]{36})"', page.content.decode())
    return {
        "uid": uid,
        "name": "Cash desk",
        "scopes": ["memberships:read", "quotes:write"],
        "lifetime": "90",
        **fields,
    }


def secret_on(page):
    [secret] = re.findall(r">(sw_[\w-]{43})</textarea>", page.content.decode())
    return secret


def test_a_token_is_made_shown_once_and_works(browser, vera):
    page = browser.post(PAGE, form(browser.get(PAGE)))
    shown = text_of(page)
    token = ApiToken.objects.get(user=vera)
    assert "Copy it now. It is shown this once and kept nowhere." in shown
    assert "no-store" in page["Cache-Control"]
    assert (token.name, token.scopes) == ("Cash desk", ["memberships:read", "quotes:write"])
    assert token.expires_at == token.created_at + timedelta(days=90)
    assert Program(secret_on(page)).get("/memberships").status_code == 200
    again = browser.get(PAGE)
    assert f"Cash desk {token.prefix}…" in text_of(again)
    assert secret_on(page) not in again.content.decode()


def test_who_has_not_proved_lately_who_they_are_is_asked_first_and_then_has_the_token(vera):
    browser = Client(headers={"host": "localhost"})
    browser.post("/auth/login/", {"login": vera.email, "password": PASSWORD})
    asked = browser.post(PAGE, form(browser.get(PAGE)))
    assert asked["Location"] == "/auth/reauthenticate/?next=%2Faccount%2Ftokens%2F"
    assert not ApiToken.objects.exists()
    page = browser.post(asked["Location"], {"password": PASSWORD})
    assert Program(secret_on(page)).get("/memberships").status_code == 200


def test_a_stolen_session_makes_no_token(vera):
    browser = Client(headers={"host": "localhost"})
    browser.force_login(vera)
    asked = browser.post(PAGE, form(browser.get(PAGE)))
    browser.post(asked["Location"], {"password": "a guess"})
    assert not ApiToken.objects.exists()


def test_a_form_that_is_sent_twice_makes_one_token(browser):
    sent = form(browser.get(PAGE))
    browser.post(PAGE, sent)
    again = browser.post(PAGE, sent, follow=True)
    assert "This token has been made already." in text_of(again)
    assert ApiToken.objects.count() == 1


def test_a_token_may_be_made_that_never_expires(browser, vera):
    page = browser.post(PAGE, form(browser.get(PAGE), lifetime="never"))
    assert ApiToken.objects.get(user=vera).expires_at is None
    assert "does not expire" in text_of(page)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": ""}, "This field is required."),
        ({"name": "x" * 61}, "Ensure this value has at most 60 characters (it has 61)."),
        ({"scopes": []}, "Choose at least one thing that it may do."),
        (
            {"scopes": ["everything"]},
            "Select a valid choice. everything is not one of the available choices.",
        ),
        ({"lifetime": "36500"}, "Select a valid choice. 36500 is not one of the available choices."),
    ],
)
def test_what_is_missing_or_wrong_is_said_at_its_field(browser, fields, said):
    page = browser.post(PAGE, form(browser.get(PAGE), **fields))
    assert page.status_code == 422
    assert said in text_of(page)
    assert not ApiToken.objects.exists()


def test_a_revoked_token_is_gone_from_the_page_and_opens_nothing(browser, vera):
    made = token_for(vera, now=timezone.now())
    page = browser.post(f"{PAGE}{made.token.uid}/revoke/", follow=True)
    assert "“Cash desk” was revoked and opens nothing any more." in text_of(page)
    assert made.token.prefix not in page.content.decode()
    assert Program(made.secret).get("/memberships").status_code == 401


def test_a_token_of_somebody_else_is_neither_seen_nor_revoked(browser, alice):
    made = token_for(alice.customer.user)
    assert made.token.prefix not in browser.get(PAGE).content.decode()
    assert browser.post(f"{PAGE}{made.token.uid}/revoke/").status_code == 404
    assert token_of(secret=made.secret, now=MARCH_17) == made.token


def test_the_page_is_for_who_is_signed_in():
    visitor = Client(headers={"host": "localhost"})
    assert visitor.get(PAGE)["Location"] == f"/auth/login/?next={PAGE}"
    assert visitor.post(PAGE)["Location"] == f"/auth/login/?next={PAGE}"
    assert visitor.post(f"{PAGE}{uuid.uuid4()}/revoke/").status_code == 302
    assert visitor.get(f"{PAGE}{uuid.uuid4()}/revoke/").status_code == 302


def test_the_menu_and_the_account_lead_to_the_page(alice, client):
    client.force_login(alice.customer.user)
    page = client.get(f"/account/{alice.uid}/", headers={"host": "localhost"}).content.decode()
    assert page.count(f'href="{PAGE}"') == 2


def test_one_person_has_so_many_tokens_and_no_more(vera):
    made = [token_for(vera) for _ in range(MOST_TOKENS)]
    with pytest.raises(TooManyTokens):
        token_for(vera)
    revoke_token(token=made[0].token, now=MARCH_1)
    assert token_for(vera).token.user == vera


def test_too_many_tokens_are_said_so(browser, vera):
    for _ in range(MOST_TOKENS):
        token_for(vera, now=timezone.now())
    page = browser.post(PAGE, form(browser.get(PAGE)))
    assert page.status_code == 422
    assert "You have very many tokens. Revoke one that you do not use any more." in text_of(page)


def test_the_form_of_somebody_else_makes_no_token(vera, alice):
    made = token_for(alice.customer.user)
    with pytest.raises(TokenMadeBefore):
        make_token(
            user=vera,
            uid=made.token.uid,
            name="x",
            scopes=[Scope.ORDERS_READ],
            expires_at=None,
            now=MARCH_1,
        )


def test_a_token_is_revoked_once(vera):
    token = token_for(vera).token
    assert revoke_token(token=token, now=MARCH_17) is True
    assert revoke_token(token=token, now=MARCH_17 + timedelta(1)) is False
    token.refresh_from_db()
    assert token.revoked_at == MARCH_17


def test_staff_see_tokens_and_revoke_them_and_change_nothing_else(alice, admin_client):
    made = token_for(alice.customer.user)
    desk = "/admin/tokens/apitoken/"
    host = {"host": "localhost"}
    listed = admin_client.get(desk, headers=host).content.decode()
    assert made.token.prefix in listed
    assert (
        made.token.digest
        not in admin_client.get(f"{desk}{made.token.pk}/change/", headers=host).content.decode()
    )
    chosen = {"action": "revoke", "_selected_action": [made.token.pk]}
    assert "1 token was revoked." in text_of(admin_client.post(desk, chosen, headers=host, follow=True))
    assert Program(made.secret).get("/memberships").status_code == 401
    assert admin_client.get(f"{desk}add/", headers=host).status_code == 403
    assert admin_client.post(f"{desk}{made.token.pk}/delete/", headers=host).status_code == 403
