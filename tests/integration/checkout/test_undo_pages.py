"""Undo, as a customer sees it: an offer for a day, a page that says what will happen, one button, and the result."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from checkout.models import Order
from memberships.models import Refund
from memberships.operations.refunds import refund
from products.limits import Kind
from products.models import ProductLimit
from sites.models import OverLimit, Site
from tests.integration.checkout.reading import text_of

pytestmark = pytest.mark.django_db
MARCH_17 = datetime(2026, 3, 17, tzinfo=UTC)
NEXT_DAY = MARCH_17 + timedelta(days=1)


@pytest.fixture
def order(world, catalogue, alice, browser) -> Order:
    """Alice's upgrade to Business on 17 March, for 75.48."""
    return world.pays(world.orders(alice, catalogue.business, now=MARCH_17), now=MARCH_17)


@pytest.fixture
def url(order) -> str:
    return f"/orders/{order.uid}/undo/"


def test_account_and_result_page_offer_it_until_the_day_is_over(alice, order, url, signed_in):
    pages = (f"/account/{alice.uid}/", f"/orders/{order.uid}/")
    browser = signed_in(alice.customer.user)
    for page in pages:
        answer = browser.get(page)
        assert "You can undo this until 18 March 2026, 00:00. Undo this upgrade" in text_of(answer)
        assert f'href="{url}"' in answer.content.decode()
    with time_machine.travel(NEXT_DAY, tick=False):
        for page in pages:
            assert "Undo" not in text_of(browser.get(page))


def test_the_page_says_exactly_what_will_happen_and_does_nothing_yet(browser, url, order):
    shown = text_of(browser.get(url))
    assert "Now Business Monthly After Premium Monthly" in shown
    assert "Back to the card you paid with €75.48" in shown
    assert "Your period, as before 1 Mar \N{EN DASH} 1 Apr 2026" in shown
    assert "The limits of Premium hold again at once." in shown
    assert "Undo and get €75.48 back" in shown
    order.refresh_from_db()
    assert (order.state, Refund.objects.count()) == (Order.State.FULFILLED, 0)


def test_a_saved_card_is_named(browser, world, alice, url, order):
    order.payment.attempts.update(card_ref=world.card_of(alice).gateway_ref)
    assert "Back to Visa •••• 4242 €75.48" in text_of(browser.get(url))


def test_one_press_undoes_it_and_another_leads_to_the_same_page(browser, url, order):
    answer = browser.post(url, follow=True)
    shown = text_of(answer)
    assert answer.redirect_chain == [(f"/orders/{order.uid}/", 302)]
    assert "This change was undone You have Premium again since 17 March 2026, 00:00." in shown
    assert "€75.48 goes back the way it came" in shown
    assert "What was given back" in shown
    assert "What you may use now Sites before: 10 → , now: 3" in shown
    for again in (browser.post(url), browser.get(url)):
        assert again["Location"] == f"/orders/{order.uid}/"
    assert Refund.objects.count() == 1


def test_the_history_keeps_both_the_change_and_its_undoing(browser, alice, url, order):
    browser.post(url)
    shown = text_of(browser.get(f"/account/{alice.uid}/"))
    assert (
        "Undid the change to Business 17 March 2026 · Receipt · Credit note 2026-00003 (PDF) -€75.48" in shown
    )
    assert "Upgraded Premium → Business 17 March 2026 · Receipt · Invoice 2026-00002 (PDF) €75.48" in shown
    assert "Undo this upgrade" not in shown


def test_a_refund_that_the_bank_sent_back_is_said_to_be_in_the_wallet(browser, url, order):
    browser.post(url)
    Refund.objects.update(state=Refund.State.FAILED)
    assert "The bank did not take the money back, so it is in your wallet." in text_of(
        browser.get(f"/orders/{order.uid}/")
    )


def test_what_exceeds_the_earlier_limits_is_listed_and_nothing_happens(browser, alice, url, order, catalogue):
    ProductLimit.objects.filter(product=catalogue.premium, kind=Kind.SITES).update(amount=1)
    for n in range(2):
        Site.objects.create(name=f"Garden {n}", slug=f"garden-{n}", membership=alice, created_at=MARCH_17)
    for way in (browser.get, browser.post):
        answer = way(url)
        assert answer.status_code == 409
        shown = text_of(answer)
        assert (
            "You use more than your earlier plan allows. Make room, then undo. Nothing has changed." in shown
        )
        assert "Sites Garden 1 2 used, 1 allowed" in shown
    order.refresh_from_db()
    assert order.state == Order.State.FULFILLED


def test_why_it_cannot_be_undone_is_said(browser, url, order):
    refund(payment=order.payment, amount=100, reason="Slow", actor=None, now=MARCH_17)
    answer = browser.get(url)
    assert answer.status_code == 409
    assert "Part of this upgrade’s money was given back already. Please write to us." in text_of(answer)
    assert "Undo this upgrade" not in text_of(browser.get(f"/orders/{order.uid}/"))


def test_nobody_else_can_undo_it(world, signed_in, url, order, client):
    stranger = signed_in(world.person("mallory"))
    assert (stranger.get(url).status_code, stranger.post(url).status_code) == (404, 404)
    client.defaults["HTTP_HOST"] = "localhost"
    assert client.post(url).status_code == 302
    order.refresh_from_db()
    assert order.state == Order.State.FULFILLED


def test_what_is_parked_again_is_told_before_it_is_undone(browser, alice, url, catalogue):
    ProductLimit.objects.filter(product=catalogue.premium, kind=Kind.SITES).update(amount=1)
    sites = [
        Site.objects.create(name=f"Garden {n}", slug=f"garden-{n}", membership=alice, created_at=MARCH_17)
        for n in range(2)
    ]
    OverLimit.objects.create(
        site=sites[1], kind="sites", policy="park", excess=1, since=MARCH_17 - timedelta(days=1)
    )
    shown = text_of(browser.get(url))
    assert "Sites: 1 parked, because your plan has no room." in shown
    assert "Nothing in your sites is touched." not in shown
