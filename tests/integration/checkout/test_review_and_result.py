"""From the quote to the result: confirm, pay, wait, fail, stop; and who may do it."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import time_machine
from django.utils import timezone

from checkout.models import Order, Quote
from memberships.models import Attempt
from tests.integration.checkout.reading import text_of

pytestmark = pytest.mark.django_db
MARCH_17 = datetime(2026, 3, 17, tzinfo=UTC)


@pytest.fixture
def anna(world, catalogue):
    """On Premium since yesterday, in real time: the gateway's pages live there."""
    return world.signs_up("anna", catalogue.premium, now=timezone.now() - timedelta(days=1))


@pytest.fixture
def her(signed_in, anna):
    """Anna's browser."""
    return signed_in(anna.customer.user)


@pytest.fixture
def quote(world, catalogue, anna):
    """Premium → Business, asked for just now."""
    return world.quote(anna, catalogue.business, now=timezone.now().replace(microsecond=0))


def order_of(answer) -> Order:
    return Order.objects.get(uid=UUID(answer.url.split("/")[2]))


def attempts_of(order: Order):
    assert order.payment is not None
    return order.payment.attempts


def confirm(browser, quote, **form):
    return browser.post(f"/quotes/{quote.uid}/confirm/", form)


def test_the_review_puts_the_amount_on_the_button_and_offers_the_saved_card(world, catalogue, browser, alice):
    quote = world.quote(alice, catalogue.business, now=MARCH_17)
    page = browser.get(f"/quotes/{quote.uid}/")
    shown = text_of(page)
    assert "Upgrade to Business" in shown
    assert "Pay €75.48 and upgrade" in shown
    assert "Visa •••• 4242" in shown
    assert "This price holds until 00:15." in shown


def test_the_review_of_a_downgrade_offers_to_keep_the_plan(world, catalogue, browser, alice):
    quote = world.quote(alice, catalogue.free, now=MARCH_17)
    shown = text_of(browser.get(f"/quotes/{quote.uid}/"))
    assert "Downgrade on 1 April 2026 Keep Premium" in shown
    assert "Nothing is charged today." in shown
    assert "How to pay" not in shown


def test_a_downgrade_takes_one_confirmation_and_says_when_it_starts(world, catalogue, browser, alice):
    quote = world.quote(alice, catalogue.free, now=MARCH_17)
    answer = confirm(browser, quote)
    shown = text_of(browser.get(answer.url))
    assert order_of(answer).state == Order.State.FULFILLED
    assert "This takes effect on 1 April 2026. You keep Premium until then" in shown
    assert (
        "What you may use from 1 April 2026 Sites before: 3 → , now: 1 Posts before: 100 → , now: 3" in shown
    )
    browser.post(f"/account/{alice.uid}/keep-plan/")
    shown = text_of(browser.get(answer.url))
    assert "This was taken back before it took effect. You have Premium." in shown
    assert "1 April 2026" not in shown


def test_the_saved_card_pays_and_the_result_shows_what_one_has_now(her, anna, world, quote):
    answer = confirm(her, quote, card=world.card_of(anna).pk)
    order = order_of(answer)
    assert order.payment is not None
    assert (order.state, order.payment.captured) == (Order.State.FULFILLED, quote.price.due_now)
    shown = text_of(her.get(answer.url))
    assert "Upgraded Premium → Business" in shown
    assert "was paid. In force since " in shown
    assert "What you may use now Sites before: 3 → , now: 10" in shown
    assert "Users before: 5 → , now: 25" in shown
    assert "No footer credit before: included → , now: not included" in shown
    assert "hx-get" not in her.get(f"{answer.url}status/").content.decode()


def test_another_card_leads_to_the_gateways_page_by_a_page_of_ours(her, quote):
    page = confirm(her, quote, card="other")
    attempt = Attempt.objects.get(payment__order__quote=quote)
    assert page.status_code == 200
    assert f'<meta http-equiv="refresh" content="0; url={attempt.url}">' in page.content.decode()
    assert attempt.url.startswith("http://127.0.0.1:")


def test_a_card_of_somebody_else_is_not_charged(her, world, catalogue, quote):
    bob = world.signs_up("bob", catalogue.premium, now=timezone.now())
    page = confirm(her, quote, card=world.card_of(bob).pk)
    attempt = Attempt.objects.get(payment__order__quote=quote)
    assert (page.status_code, attempt.method) == (200, Attempt.Method.HOSTED_PAGE)


def test_confirming_twice_makes_one_order_and_one_page(her, quote):
    confirm(her, quote)
    confirm(her, quote)
    order = Order.objects.get(quote=quote)
    assert attempts_of(order).count() == 1
    assert her.get(f"/quotes/{quote.uid}/").url == f"/orders/{order.uid}/"


def test_while_the_bank_has_not_confirmed_the_page_says_so_and_asks_again(her, quote):
    confirm(her, quote)
    order = Order.objects.get(quote=quote)
    page = her.get(f"/orders/{order.uid}/")
    html = page.content.decode()
    assert "Confirming your payment You can close this page." in text_of(page)
    assert f'hx-get="/orders/{order.uid}/status/"' in html
    assert '<meta http-equiv="refresh" content="5">' in html
    assert "Upgrade to Business" in text_of(page)


def test_the_waiting_page_finds_the_payment_without_a_webhook(her, quote, world):
    confirm(her, quote)
    order = Order.objects.get(quote=quote)
    world.gateway.pay(attempts_of(order).get().gateway_ref, card="4242424242424242")
    shown = text_of(her.get(f"/orders/{order.uid}/status/"))
    assert "Upgraded Premium → Business" in shown
    order.refresh_from_db()
    assert order.state == Order.State.FULFILLED


def test_a_declined_saved_card_keeps_the_plan_and_offers_one_retry(her, quote, world, anna):
    card = world.card_of(anna)
    world.gateway.change_card(card.gateway_ref, card="4000000000000341")  # its bank has begun to say no
    page = her.get(confirm(her, quote, card=card.pk).url)
    shown = text_of(page)
    assert "The payment did not go through Your card was declined." in shown
    assert "Nothing was charged. You keep Premium, and nothing is lost." in shown
    assert "Try again: pay €" in shown
    order = Order.objects.get(quote=quote)
    again = her.post(f"/orders/{order.uid}/pay/", {"card": "other"})
    assert again.status_code == 200
    assert attempts_of(order).count() == 2


def test_an_order_can_be_stopped_and_nothing_is_charged(her, quote, world):
    confirm(her, quote)
    order = Order.objects.get(quote=quote)
    answer = her.post(f"/orders/{order.uid}/stop/")
    order.refresh_from_db()
    assert order.state == Order.State.CANCELLED
    assert "This change was stopped Nothing was charged. You keep Premium." in text_of(her.get(answer.url))


def test_stopping_an_order_that_has_been_paid_carries_it_out(her, quote, world):
    confirm(her, quote)
    order = Order.objects.get(quote=quote)
    world.gateway.pay(attempts_of(order).get().gateway_ref, card="4242424242424242")
    her.post(f"/orders/{order.uid}/stop/")
    order.refresh_from_db()
    assert order.state == Order.State.FULFILLED


def test_of_two_quotes_one_wins_and_the_other_is_told(her, quote, world, catalogue, anna):
    other = world.quote(anna, catalogue.business, now=timezone.now())
    confirm(her, quote)
    answer = confirm(her, other)
    assert order_of(answer).quote == quote
    assert "Another change is already waiting for its payment." in text_of(her.get(answer.url))


def test_an_expired_quote_charges_nothing_and_shows_both_prices(world, catalogue, browser, alice):
    quote = world.quote(alice, catalogue.business, now=MARCH_17 - timedelta(days=2))
    page = confirm(browser, quote)
    shown = text_of(page)
    assert page.status_code == 409
    assert "Nothing was charged and nothing has changed." in shown
    assert "What you saw" in shown
    assert "€73.55" in shown  # 90.00 less 17/31 of 30.00
    assert "€75.48" in shown  # 90.00 less 15/31 of 30.00
    fresh = Quote.objects.latest("id")
    assert f"/quotes/{fresh.uid}/" in page.content.decode()
    assert not Order.objects.filter(quote=quote).exists()


def test_an_expired_quote_is_not_reviewed(world, catalogue, browser, alice):
    quote = world.quote(alice, catalogue.business, now=MARCH_17 - timedelta(days=2))
    page = browser.get(f"/quotes/{quote.uid}/")
    assert page.status_code == 409
    assert "The price had run out; it holds for 15 minutes." in text_of(page)


def test_a_quote_of_what_one_has_is_sent_back(world, catalogue, browser, alice):
    quote = world.quote(alice, catalogue.premium, now=MARCH_17)
    assert confirm(browser, quote).url == f"/account/{alice.uid}/change/"


def test_a_gateway_that_does_not_answer_costs_nothing_and_can_be_tried_again(
    her, quote, settings, gateway_double
):
    from memberships.billing.choose import network_gateway

    settings.STRIPE_API_BASE = "http://127.0.0.1:9"  # nobody listens there
    network_gateway.cache_clear()
    shown = text_of(her.get(confirm(her, quote).url))
    assert "The payment page could not be reached. Nothing was charged; please try again." in shown
    assert "Try again: pay €" in shown
    order = Order.objects.get(quote=quote)
    assert order.state == Order.State.OPEN
    settings.STRIPE_API_BASE = gateway_double.base_url
    network_gateway.cache_clear()
    assert her.post(f"/orders/{order.uid}/pay/").status_code == 200
    assert attempts_of(order).get().state == Attempt.State.WAITING


def test_everything_of_a_customer_is_unknown_to_others(her, quote, world, signed_in):
    confirm(her, quote)
    order = Order.objects.get(quote=quote)
    stranger = signed_in(world.person("mallory"))
    assert stranger.get(f"/quotes/{quote.uid}/").status_code == 404
    assert confirm(stranger, quote).status_code == 404
    assert stranger.get(f"/orders/{order.uid}/").status_code == 404
    assert stranger.get(f"/orders/{order.uid}/status/").status_code == 404
    assert stranger.post(f"/orders/{order.uid}/pay/").status_code == 404
    assert stranger.post(f"/orders/{order.uid}/stop/").status_code == 404
    order.refresh_from_db()
    assert order.state == Order.State.OPEN


def test_a_confirmation_by_get_is_not_one(her, quote):
    assert her.get(f"/quotes/{quote.uid}/confirm/").status_code == 405
    assert not Order.objects.filter(quote=quote).exists()


def test_a_price_that_was_changed_meanwhile_is_shown_beside_the_old_one(world, catalogue, alice, signed_in):
    with time_machine.travel(MARCH_17, tick=False):
        quote = world.quote(alice, catalogue.business, now=MARCH_17)
        catalogue.business.prices.filter(interval_unit="month").update(amount=9900)
        page = confirm(signed_in(alice.customer.user), quote)
    shown = text_of(page)
    assert page.status_code == 409
    assert "A price has changed since you saw it." in shown
    assert "€84.48" in shown
