"""The card that bills are charged to, changed by its owner on the gateway's page."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from uuid import uuid4

import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache
from django.test import Client

from memberships.models import CardSetup
from tests.integration.checkout.reading import text_of

pytestmark = pytest.mark.django_db
MARCH_1 = datetime(2026, 3, 1, tzinfo=UTC)
APRIL_1 = datetime(2026, 4, 1, tzinfo=UTC)
PAYS_TOO, SAVED_THEN_DECLINED = "4000000000007726", "4000000000000341"

ComesBack = Callable[[Client], str]


@pytest.fixture
def url(alice) -> str:
    return f"/account/{alice.uid}/card/"


@pytest.fixture
def comes_back(django_capture_on_commit_callbacks) -> ComesBack:
    """The browser returns from the gateway's page; answers what the Account page then says."""

    def come_back(browser: Client) -> str:
        address = CardSetup.objects.latest("id").return_url.removeprefix(settings.NETWORK_ORIGIN)
        with django_capture_on_commit_callbacks(execute=True):
            leads_to = browser.get(address)["Location"]
        assert leads_to.endswith("#payment")
        return text_of(browser.get(leads_to))

    return come_back


@pytest.fixture
def overdue(world, alice, signed_in, django_capture_on_commit_callbacks) -> Iterator[Client]:
    """Alice's browser on 1 April, when her card was declined for 30.00."""
    world.gateway.change_card(world.card_of(alice).gateway_ref, card=SAVED_THEN_DECLINED)
    with django_capture_on_commit_callbacks(execute=True):
        world.a_day(APRIL_1)
    assert world.fresh(alice).state == "past_due"
    with time_machine.travel(APRIL_1, tick=False):
        yield signed_in(alice.customer.user)


def cards(alice) -> list[tuple[str, bool]]:
    return [(card.last4, card.is_default) for card in alice.customer.payment_methods.all()]


def test_the_block_shows_the_card_and_the_way_to_change_it(browser, alice, url):
    page = browser.get(f"/account/{alice.uid}/")
    card = alice.customer.payment_methods.get()
    shown = text_of(page)
    assert f"Change card Visa •••• 4242 Used for bills until {card.exp_month}/{card.exp_year}" in shown
    assert f'<form method="post" action="{url}">' in page.content.decode()


def test_who_has_no_card_adds_one(world, catalogue, signed_in):
    bob = world.signs_up("bob", catalogue.free, now=MARCH_1)
    shown = text_of(signed_in(bob.customer.user).get(f"/account/{bob.uid}/"))
    assert "Add a card No card yet." in shown
    assert "Change card" not in shown


def test_a_card_saved_on_the_gateways_page_is_used_for_bills_from_then_on(
    world, alice, browser, url, comes_back
):
    leaving = browser.post(url)
    setup = CardSetup.objects.get()
    assert f'content="0; url={setup.url}"' in leaving.content.decode()
    assert setup.return_url == f"{settings.NETWORK_ORIGIN}{url}{setup.uid}/"
    world.gateway.pay(setup.gateway_ref, card=PAYS_TOO)
    shown = comes_back(browser)
    assert "Card saved." in shown
    assert "Visa •••• 7726 Used for bills" in shown
    assert cards(alice) == [("7726", True), ("4242", False)]


@pytest.mark.django_db(transaction=True)
def test_a_member_whose_bill_is_overdue_and_who_saves_a_card_is_active_again_for_one_charge(
    world, alice, overdue, url, comes_back
):
    before = world.gateway.state()["charges"]["succeeded"]
    overdue.post(url)
    world.gateway.pay(CardSetup.objects.get().gateway_ref, card=PAYS_TOO)
    first, again = comes_back(overdue), comes_back(overdue)
    assert "Card saved." in first
    assert "Card saved." in again
    assert "could not be charged" not in first + again
    assert (world.fresh(alice).state, alice.payments.latest("id").state) == ("active", "paid")
    assert world.gateway.state()["charges"]["succeeded"] == before + 1


@pytest.mark.django_db(transaction=True)
def test_a_card_that_is_saved_and_then_declined_for_the_open_bill_says_so(
    world, alice, overdue, url, comes_back
):
    overdue.post(url)
    world.gateway.pay(CardSetup.objects.get().gateway_ref, card=SAVED_THEN_DECLINED)
    shown = comes_back(overdue)
    assert "Card saved." in shown
    assert "Your open bill could not be charged to it yet." in shown
    assert "A bill of €30.00 is unpaid" in shown
    assert world.fresh(alice).state == "past_due"


def test_who_comes_back_without_a_card_keeps_the_one_they_had(alice, browser, url, comes_back):
    browser.post(url)
    assert "No card was saved." in comes_back(browser)
    assert cards(alice) == [("4242", True)]


def test_a_gateway_that_is_away_is_told_and_changes_nothing(world, alice, browser, url):
    world.gateway.control(fail_next={"kind": "cut_before", "path": "/v1/checkout/sessions"})
    shown = text_of(browser.post(url, follow=True))
    assert "The bank could not be reached, so your card is as it was. Please try again." in shown
    assert cards(alice) == [("4242", True)]


def test_a_gateway_that_is_away_on_the_way_back_says_the_card_later(world, alice, browser, url, comes_back):
    browser.post(url)
    world.gateway.pay(CardSetup.objects.get().gateway_ref, card=PAYS_TOO)
    world.gateway.control(
        fail_next={"kind": "cut_before", "path": "/v1/checkout/sessions/*", "method": "GET"}
    )
    assert "The bank has not answered yet." in comes_back(browser)
    assert "Card saved." in comes_back(browser)


def test_the_card_of_another_is_not_found(world, alice, browser, signed_in, url):
    browser.post(url)
    setup = CardSetup.objects.get()
    mallory = world.comes("mallory", now=MARCH_1)
    hers = signed_in(mallory.customer.user)
    assert hers.post(url).status_code == 404
    assert hers.get(f"{url}{setup.uid}/").status_code == 404
    assert hers.get(f"/account/{mallory.uid}/card/{setup.uid}/").status_code == 404
    assert browser.get(f"{url}{uuid4()}/").status_code == 404
    assert CardSetup.objects.count() == 1


def test_a_link_or_a_forged_form_opens_no_page(alice, browser, url):
    strict = Client(headers={"host": "localhost"}, enforce_csrf_checks=True)
    strict.force_login(alice.customer.user)
    assert (browser.get(url).status_code, strict.post(url).status_code) == (405, 403)
    assert not CardSetup.objects.exists()


def test_who_is_not_signed_in_signs_in_first(alice, url):
    answer = Client(headers={"host": "localhost"}).post(url)
    assert answer.status_code == 302
    assert answer["Location"].endswith(f"/login/?next={url}")


def test_the_way_to_the_card_page_speaks_of_the_card_and_of_no_payment(browser, url):
    shown = text_of(browser.post(url))
    assert "Taking you to the page for your card" in shown
    assert "Nothing is charged by that." in shown
    assert "payment" not in shown


def test_who_asks_for_the_card_page_without_end_is_told_to_wait(browser, url):
    with time_machine.travel(MARCH_1, tick=False):
        cache.clear()
        assert [browser.post(url).status_code for _ in range(10)] == [200] * 10
        refused = browser.post(url)
    assert (refused.status_code, refused["Retry-After"]) == (429, "60")
    assert CardSetup.objects.count() == 10
