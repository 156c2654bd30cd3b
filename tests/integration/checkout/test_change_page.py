"""The Change page: what is offered, what a choice comes to, and what is refused."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from checkout.models import Order, Quote
from products.models import Product
from tests.factories.catalogue import MONTH, product
from tests.integration.checkout.reading import text_of

pytestmark = pytest.mark.django_db
MARCH_1 = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def change_url(alice):
    return f"/account/{alice.uid}/change/"


def choose(browser, change_url, plan, *, period="month-1", **more):
    return browser.get(f"{change_url}summary/", {"plan": plan.uid, "period": period, **more})


def test_the_plans_of_the_family_are_offered_and_the_current_one_is_marked(browser, change_url, catalogue):
    page = browser.get(change_url)
    names = [plan["name"] for plan in page.context["plans"]]
    assert names == ["Free", "Premium", "Business"]
    assert [plan["name"] for plan in page.context["plans"] if plan["badge"] == "Current plan"] == ["Premium"]
    assert "Basic" not in text_of(page)


def test_choosing_a_dearer_plan_shows_the_credit_what_is_due_and_the_next_bill(
    browser, change_url, catalogue
):
    shown = text_of(choose(browser, change_url, catalogue.business))
    assert "Starts now." in shown
    assert "Business: 1 × €90.00 = €90.00" in shown
    assert "-€14.52" in shown
    assert "€30.00 × 15/31" in shown
    assert "Due today €75.48" in shown
    assert "Next bill on 17 April 2026 €90.00" in shown


def test_choosing_a_cheaper_plan_says_when_it_starts_and_that_nothing_is_due(browser, change_url, catalogue):
    shown = text_of(choose(browser, change_url, catalogue.free))
    assert "Starts on 1 April 2026; you keep Premium until then." in shown
    assert "Due today €0.00" in shown
    assert "Review downgrade" in shown


def test_choosing_what_one_has_says_so_and_offers_no_button(browser, change_url, catalogue):
    shown = text_of(choose(browser, change_url, catalogue.premium))
    assert (
        "This is what you have now. Pick a different plan, billing period or package to make a change."
        in shown
    )
    assert "Review" not in shown


def test_a_package_is_priced_beside_the_plan_one_keeps(browser, change_url, catalogue):
    shown = text_of(choose(browser, change_url, catalogue.premium, extra=str(catalogue.visits.uid)))
    assert "Due today €2.42" in shown
    assert "Next bill on 1 April 2026 €35.00" in shown


def test_a_trial_says_what_it_costs_and_when(world, catalogue, signed_in):
    catalogue.premium.prices.update(trial_days=14)
    catalogue.business.prices.update(trial_days=14, setup_fee=5000)
    tom = world.comes("tom", now=MARCH_1)
    with time_machine.travel(MARCH_1, tick=False):
        browser = signed_in(tom.customer.user)
        review = browser.get(f"/quotes/{world.quote(tom, catalogue.premium, now=MARCH_1).uid}/")
    assert "14 days free, then the first bill on 15 March 2026." in text_of(review)
    assert "Try Premium" in text_of(review)
    assert "Due today €0.00 Next bill on 15 March 2026" in text_of(review)
    assert "Start the trial, nothing due" in text_of(review)

    world.orders(tom, catalogue.premium, now=MARCH_1)
    product("enterprise", group=catalogue.high_end, rank=5, prices={"month": 20000})
    with time_machine.travel(MARCH_1 + timedelta(days=4), tick=False):
        browser, url = signed_in(tom.customer.user), f"/account/{tom.uid}/change/"
        other = text_of(choose(browser, url, catalogue.business))
        paid = text_of(choose(browser, url, Product.objects.get(code="enterprise")))
    assert "Starts now. Your trial goes on until 15 March 2026." in other
    assert "Setup fee for Business" not in other.split("Next bill")[0]
    assert "€140.00" in other  # on 15 March: 90.00 and the setup fee
    assert "Starts now and ends your trial." in paid
    assert "Due today €200.00" in paid


@pytest.fixture
def bought(world, catalogue, alice):
    """On 1 March, before the clock is set, Alice also buys what a test names."""

    def buys(addon):
        world.pays(world.orders(alice, catalogue.premium, now=MARCH_1, addons={addon: 1}), now=MARCH_1)

    return buys


@pytest.fixture
def with_design(bought, catalogue):
    bought(catalogue.design)


@pytest.fixture
def with_disk(bought, catalogue):
    bought(catalogue.disk)


def test_a_service_bought_before_is_bought_once_more(with_design, browser, change_url, catalogue):
    page = browser.get(change_url)
    design = next(extra for extra in page.context["extras"] if extra["name"] == "Site design")
    assert (design["badge"], design["checked"]) == ("Bought before", False)
    shown = text_of(choose(browser, change_url, catalogue.premium, extra=str(catalogue.design.uid)))
    assert "Due today €450.00" in shown


def test_a_package_that_the_new_plan_is_not_sold_with_is_named(with_disk, browser, change_url, catalogue):
    catalogue.business.addons.remove(catalogue.disk)
    shown = text_of(choose(browser, change_url, catalogue.business))
    assert "Extra disk is not available with this plan and ends with the change." in shown


def test_a_year_shows_its_price_per_month_and_in_full(browser, change_url, catalogue):
    page = choose(browser, change_url, catalogue.business, period="year-1")
    business = next(plan for plan in page.context["plans"] if plan["name"] == "Business")
    assert (business["price"], business["per"]) == ("€75.00", "per month")
    assert business["note"] == "€900.00 charged per year."


def test_three_months_are_also_said_per_month(browser, change_url, catalogue):
    catalogue.business.prices.create(currency="EUR", interval_unit="month", interval_count=3, amount=25000)
    page = choose(browser, change_url, catalogue.business, period="month-3")
    business = next(plan for plan in page.context["plans"] if plan["name"] == "Business")
    assert (business["price"], business["per"]) == ("€83.33", "per month")
    assert business["note"] == "€250.00 charged every 3 months."


def test_a_setup_fee_is_shown_as_far_as_it_is_still_to_be_paid(with_disk, browser, change_url, catalogue):
    catalogue.disk.prices.update(setup_fee=300)
    catalogue.visits.prices.update(setup_fee=200)
    catalogue.premium.items.update(setup_fee_paid=1000)
    catalogue.premium.prices.update(setup_fee=1000)
    catalogue.business.prices.update(setup_fee=5000)
    page = browser.get(change_url)
    notes = {card["name"]: card["note"] for card in (*page.context["plans"], *page.context["extras"])}
    assert notes == {
        "Free": "",
        "Premium": "",
        "Business": "Setup fee €40.00, once.",
        "Extra disk": "",
        "Unlimited visits": "Setup fee €2.00, once.",
        "Site design": "",
    }
    shown = text_of(choose(browser, change_url, catalogue.business))
    assert "Setup fee: Business" in shown
    assert "Setup fee for Business: €50.00 - €10.00 paid before = €40.00." in shown


def test_a_plan_without_a_price_for_the_period_says_so_and_cannot_be_chosen(browser, change_url, catalogue):
    page = choose(browser, change_url, catalogue.business, period="year-1")
    free = next(plan for plan in page.context["plans"] if plan["name"] == "Free")
    assert free["disabled"]
    assert free["reason"] == "Free is not sold per year. Choose another billing period."
    chosen = text_of(choose(browser, change_url, catalogue.free, period="year-1"))
    assert "Free is not sold for this billing period. Choose another period." in chosen


def test_the_summary_asks_the_database_the_same_however_much_there_is(
    browser, change_url, catalogue, django_assert_num_queries
):
    choose(browser, change_url, catalogue.business)
    with django_assert_num_queries(7):
        choose(browser, change_url, catalogue.business)
    for n in range(20):
        plan = product(f"plan-{n}", group=catalogue.high_end, rank=10 + n, prices={MONTH: 10000 + n})
        package = product(f"package-{n}", type=Product.Type.PACKAGE, prices={MONTH: 100})
        plan.addons.add(package)
        catalogue.business.addons.add(package)
    with django_assert_num_queries(7):
        choose(browser, change_url, catalogue.business)


def test_going_on_stores_a_quote_and_leads_to_its_review(browser, change_url, catalogue):
    answer = browser.post(change_url, {"plan": catalogue.business.uid, "period": "month-1"})
    quote = Quote.objects.latest("id")
    assert answer.url == f"/quotes/{quote.uid}/"
    assert quote.price.due_now == 7548


def test_without_javascript_a_button_counts_again_and_stores_nothing(browser, change_url, catalogue):
    quotes = Quote.objects.count()
    page = browser.post(change_url, {"plan": catalogue.business.uid, "period": "month-1", "update": "yes"})
    assert page.status_code == 200
    assert "Due today €75.48" in text_of(page)
    assert Quote.objects.count() == quotes


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        (
            {"plan": str(uuid.UUID(int=7)), "period": "month-1"},
            "This plan is not available for your membership.",
        ),
        ({"plan": "business", "period": "month-1"}, "Choose one of the plans shown."),
        ({"plan": "", "period": "month-1"}, "Choose a plan."),
        ({"plan": "{business}", "period": "fortnight-1"}, "Choose one of the billing periods shown."),
        ({"plan": "{business}", "period": "month-0"}, "Choose one of the billing periods shown."),
        ({"plan": "{business}", "period": "month-99"}, "Business is not sold for this billing period."),
        ({"plan": "{business}", "period": "month-1", "extra": "x"}, "Choose from the packages shown."),
        (
            {"plan": "{business}", "period": "month-1", "extra": str(uuid.UUID(int=7))},
            "This package is not available with Business.",
        ),
        (
            {"plan": "{business}", "period": "month-1", "extra": "{disk}", "quantity-{disk}": "0"},
            "A quantity is a whole number, 1 or more.",
        ),
        (
            {"plan": "{business}", "period": "month-1", "extra": "{disk}", "quantity-{disk}": "1e3"},
            "A quantity is a whole number, 1 or more.",
        ),
        (
            {"plan": "{business}", "period": "month-1", "extra": "{disk}", "quantity-{disk}": "1001"},
            "Choose a quantity between 1 and 1000.",
        ),
    ],
)
def test_a_choice_that_breaks_a_rule_is_told_why_and_stores_nothing(
    browser, change_url, catalogue, sent, message
):
    ids = {"business": catalogue.business.uid, "disk": catalogue.disk.uid}
    filled = {name.format(**ids): value.format(**ids) for name, value in sent.items()}
    quotes = Quote.objects.count()
    page = browser.post(change_url, filled)
    assert page.status_code == 422
    assert message in text_of(page)
    assert Quote.objects.count() == quotes


@pytest.mark.parametrize("way", ["of another family", "no longer sold"])
def test_a_plan_that_is_not_on_offer_is_refused(browser, change_url, catalogue, way):
    plan = catalogue.basic
    if way == "no longer sold":
        plan = product("old", group=catalogue.high_end, prices={MONTH: 100}, is_active=False)
    page = browser.post(change_url, {"plan": plan.uid, "period": "month-1"})
    assert page.status_code == 422
    assert "This plan is not available for your membership." in text_of(page)


def test_a_price_sent_along_changes_nothing(browser, change_url, catalogue):
    browser.post(
        change_url, {"plan": catalogue.business.uid, "period": "month-1", "price": "1", "due_now": "1"}
    )
    assert Quote.objects.latest("id").price.due_now == 7548


def test_a_scheduled_plan_has_a_badge_with_its_date(world, browser, change_url, catalogue, alice):
    world.orders(alice, catalogue.free, now=MARCH_1)
    page = browser.get(change_url)
    assert {plan["name"]: plan["badge"] for plan in page.context["plans"]} == {
        "Free": "From 1 Apr",
        "Premium": "Current plan",
        "Business": "",
    }
    assert "Free from 1 April 2026" in text_of(page)


def test_an_order_that_waits_for_its_payment_is_shown(world, browser, change_url, catalogue, alice):
    order = world.orders(alice, catalogue.business, now=MARCH_1)
    assert order.state == Order.State.OPEN
    page = browser.get(change_url)
    assert "A change is waiting for its payment Upgrade to Business" in text_of(page)
    assert f"/orders/{order.uid}/" in page.content.decode()


def test_nobody_else_sees_the_page(world, signed_in, change_url, in_march):
    stranger = signed_in(world.person("mallory"))
    assert stranger.get(change_url).status_code == 404
    assert stranger.get(f"{change_url}summary/").status_code == 404
    assert stranger.post(change_url, {}).status_code == 404


def test_somebody_who_is_not_signed_in_is_asked_to(change_url, in_march):
    nobody = Client(headers={"host": "localhost"})
    assert nobody.get(change_url)["Location"] == f"/auth/login/?next={change_url}"
    assert nobody.get(f"{change_url}summary/")["HX-Refresh"] == "true"
