"""The discount code on the Change page and after it: the answer stands at the field, and what was typed stays."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from checkout.models import Order, Quote
from checkout.operations.code_limit import MOST_AN_HOUR
from memberships.models import DiscountUse
from products.models import Discount, Product
from tests.factories.catalogue import discount
from tests.integration.checkout.reading import text_of

pytestmark = pytest.mark.django_db
MARCH_1 = datetime(2026, 3, 1, tzinfo=UTC)
MARCH_17 = datetime(2026, 3, 17, tzinfo=UTC)


@pytest.fixture
def change_url(alice):
    return f"/account/{alice.uid}/change/"


@pytest.fixture
def welcome(alice):
    """20 % for three periods, once per customer."""
    return discount("WELCOME20", percent=20, periods=3)


def choose(browser, change_url, plan, code, **more):
    return browser.get(f"{change_url}summary/", {"plan": plan.uid, "period": "month-1", "code": code, **more})


def go_on(browser, change_url, plan, code):
    return browser.post(change_url, {"plan": plan.uid, "period": "month-1", "code": code})


def test_a_good_code_says_what_it_takes_off_and_the_total_follows(browser, change_url, catalogue, welcome):
    page = choose(browser, change_url, catalogue.business, " welcome20")
    shown = text_of(page)
    assert page.context["code"]["granted"] == "WELCOME20: 20 % off, for 3 billing periods"
    assert "Business" in shown
    assert "€90.00 Discount -€18.00" in shown
    assert "Code WELCOME20: 20 % of €90.00 = €18.00 off." in shown
    assert "Due today €57.48" in shown  # 72.00 less 14.52
    assert "Next bill on 17 April 2026 €72.00" in shown
    assert "Review upgrade" in shown


def test_an_amount_off_is_told_in_money(browser, change_url, catalogue):
    discount("TEN", amount=1000, currency="EUR", periods=1)
    page = choose(browser, change_url, catalogue.business, "ten")
    assert page.context["code"]["granted"] == "TEN: €10.00 off, for one billing period"
    assert "Due today €65.48" in text_of(page)
    assert "Next bill on 17 April 2026 €90.00" in text_of(page)


@pytest.mark.parametrize(
    ("rules", "typed", "answer"),
    [
        (None, "WELCOM20", "We do not know this code. Check how it is spelled."),
        ({"percent": 20, "starts_at": MARCH_17 + timedelta(days=1)}, "CODE", "This code is not valid yet."),
        ({"percent": 20, "ends_at": MARCH_17}, "CODE", "This code is no longer valid."),
        ({"percent": 20, "most_uses": 0}, "CODE", "This code has been used up."),
        (
            {"percent": 20, "most_uses_per_customer": 0},
            "CODE",
            "You have used this code already, and it may not be used again.",
        ),
        (
            {"amount": 500, "currency": "USD"},
            "CODE",
            "This code is not valid for the currency you pay in.",
        ),
    ],
)
def test_a_code_that_cannot_apply_says_why_at_its_field(browser, change_url, rules, typed, answer):
    if rules:
        discount("CODE", **rules)
    quotes = Quote.objects.count()
    page = go_on(browser, change_url, Product.objects.get(code="business"), typed)
    assert page.status_code == 422
    assert page.context["code"] == {"typed": typed, "refusal": answer, "granted": "", "in_force": ""}
    assert f'value="{typed}"' in page.content.decode()
    assert "Due today €75.48" in text_of(page)  # the price without the code
    assert "This is the price without the code." in text_of(page)
    assert "Review upgrade" not in text_of(page)
    assert Quote.objects.count() == quotes


def test_a_code_for_something_else_and_one_with_nothing_to_take_off_say_so(
    browser, change_url, catalogue, welcome
):
    discount("DISK", percent=50, only_for=[catalogue.disk])
    page = choose(browser, change_url, catalogue.business, "DISK")
    assert page.context["code"]["refusal"] == "This code is not for any of the products you chose."
    page = choose(browser, change_url, catalogue.free, "WELCOME20")
    assert page.context["code"]["refusal"] == "There is nothing here that this code could be taken off."


def test_the_code_in_force_is_named_and_needs_not_be_entered_again(world, catalogue, signed_in, welcome):
    carol = world.signs_up("carol", catalogue.premium, now=MARCH_1, code="WELCOME20")
    with time_machine.travel(MARCH_17, tick=False):
        page = choose(
            signed_in(carol.customer.user),
            f"/account/{carol.uid}/change/",
            catalogue.business,
            "WELCOME20",
        )
    assert page.context["code"] == {
        "typed": "WELCOME20",
        "refusal": "You have this code already: it goes on by itself, with the periods that are left of it.",
        "granted": "",
        "in_force": "WELCOME20 is in force: 20 % off, for 2 billing periods. Another code takes its place.",
    }
    assert "€90.00 Discount -€18.00" in text_of(page)  # by the code in force
    assert "Due today €60.39" in text_of(page)  # 72.00 less 15/31 of 24.00


def test_a_code_costs_one_statement(browser, change_url, catalogue, welcome, django_assert_num_queries):
    choose(browser, change_url, catalogue.business, "WELCOME20")
    with django_assert_num_queries(8):
        choose(browser, change_url, catalogue.business, "WELCOME20")
    with django_assert_num_queries(8):
        choose(browser, change_url, catalogue.business, "WELCOME21")


def test_the_quote_and_its_review_carry_the_code(browser, change_url, catalogue, welcome):
    answer = go_on(browser, change_url, catalogue.business, "welcome20")
    shown = text_of(browser.get(answer.url))
    assert "Business Monthly WELCOME20: 20 % off, for 3 billing periods" in shown
    assert "Pay €57.48 and upgrade" in shown


def test_a_downgrade_shows_its_code_in_the_next_bill(world, catalogue, signed_in, welcome):
    carol = world.signs_up("carol", catalogue.business, now=MARCH_1)
    with time_machine.travel(MARCH_17, tick=False):
        browser = signed_in(carol.customer.user)
        url = f"/account/{carol.uid}/change/"
        shown = text_of(choose(browser, url, catalogue.premium, "WELCOME20"))
        quote = go_on(browser, url, catalogue.premium, "WELCOME20").url
        review = text_of(browser.get(quote))
        browser.post(f"{quote}confirm/")
        afterwards = text_of(browser.get(url))
        account = text_of(browser.get(f"/account/{carol.uid}/"))
    assert "Next bill on 1 April 2026" in shown
    assert "€24.00" in shown
    assert "Premium Monthly WELCOME20: 20 % off, for 3 billing periods" in review
    banner = "You keep Business and its limits until then. WELCOME20: 20 % off, for 3 billing periods."
    assert banner in afterwards
    assert banner in account
    assert "€24.00 on 1 April 2026" in account


def test_a_code_used_up_meanwhile_shows_both_prices_and_charges_nobody(
    world, browser, change_url, catalogue, welcome
):
    answer = go_on(browser, change_url, catalogue.business, "WELCOME20")
    Discount.objects.update(most_uses=0)
    page = browser.post(f"{answer.url}confirm/")
    shown = text_of(page)
    assert page.status_code == 409
    assert "This code has been used up. Nothing was charged and nothing has changed." in shown
    assert "€57.48" in shown
    assert "€75.48" in shown
    assert not Order.objects.filter(kind="upgrade").exists()
    assert not DiscountUse.objects.exists()


def test_who_tries_codes_out_is_told_nothing_more(browser, change_url, catalogue, welcome):
    def answer(code):
        return choose(browser, change_url, catalogue.business, code).context["code"]

    unknown = "We do not know this code. Check how it is spelled."
    for number in range(MOST_AN_HOUR):
        assert answer(f"GUESS{number}")["refusal"] == unknown
        assert number or answer("GUESS0")["refusal"] == unknown  # the same again is no other try
    too_many = "You have tried many codes that we do not know. Please try again in an hour."
    assert answer("WELCOME20")["refusal"] == too_many
    with time_machine.travel(MARCH_17 + timedelta(hours=1), tick=False):
        assert answer("WELCOME20")["granted"]


def test_while_the_renewal_is_due_no_price_is_made(alice, signed_in, catalogue):
    with time_machine.travel(datetime(2026, 4, 1, tzinfo=UTC), tick=False):
        browser, url = signed_in(alice.customer.user), f"/account/{alice.uid}/change/"
        page = go_on(browser, url, catalogue.business, "")
    assert page.status_code == 422
    assert "Your membership is being renewed at this moment." in text_of(page)
