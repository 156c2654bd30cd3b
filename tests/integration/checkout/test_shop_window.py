"""What the network shows to everybody: its first page, and its prices."""

import pytest
from django.test import Client

from products.limits import Kind
from products.models import Price, Product
from tests.factories.catalogue import MONTH, YEAR, product
from tests.integration.checkout.reading import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def visitor():
    return Client(headers={"host": "localhost", "accept-language": "en"})


def test_plans_stand_side_by_side_by_group_and_those_without_one_come_last(visitor, catalogue):
    shown = text_of(visitor.get("/pricing/"))
    assert "High End You can change between these whenever you like. Free" in shown
    places = [
        shown.index(name) for name in ("Free €0.00", "Premium €30.00 per month", "Business €90.00 per month")
    ]
    assert places == sorted(places)
    assert "On its own There is no changing between this plan and another. Basic €12.00 per month" in shown


def test_prices_are_by_the_month_until_another_period_is_asked_for(visitor, catalogue):
    assert chosen_period(visitor.get("/pricing/")) == "Monthly"
    assert chosen_period(visitor.get("/pricing/?period=year-1")) == "Yearly"


def test_a_year_says_what_it_is_per_month_what_is_charged_and_what_it_saves(visitor, catalogue):
    shown = text_of(visitor.get("/pricing/?period=year-1"))
    assert "Premium €25.00 per month €300.00 charged per year. You save €60.00 a year." in shown


def test_a_plan_that_is_not_sold_for_the_period_says_so(visitor, catalogue):
    shown = text_of(visitor.get("/pricing/?period=year-1"))
    assert "Basic Basic is not sold per year. Choose another billing period." in shown


def test_a_free_plan_is_free_for_every_period(visitor, catalogue):
    assert "Free €0.00" in text_of(visitor.get("/pricing/?period=year-1"))


@pytest.mark.parametrize("period", ["week-1", "month-0", "aeon-7", "", "<b>", "month-1" * 500])
def test_a_period_that_is_not_sold_is_the_shortest_that_is(visitor, catalogue, period):
    page = visitor.get("/pricing/", {"period": period})
    assert page.status_code == 200
    assert "Premium €30.00 per month" in text_of(page)


def test_a_card_says_what_the_plan_allows_and_what_not(visitor, catalogue):
    shown = text_of(visitor.get("/pricing/"))
    assert "1 site 3 posts 5 pages" in shown
    assert "1,000 visits per month 1 user Not included: No footer credit" in shown


def test_packages_say_with_which_plans_they_go(visitor, catalogue):
    catalogue.business.addons.remove(catalogue.disk)
    shown = text_of(visitor.get("/pricing/"))
    assert "Extra disk Goes with Free and Premium. €4.00 per month" in shown
    assert "Unlimited visits Goes with Free, Premium and Business. €5.00 per month €50.00 per year" in shown
    assert "Site design Goes with Free, Premium and Business. €450.00 once" in shown
    catalogue.disk.available_with.set(
        [catalogue.free, catalogue.premium, catalogue.business, catalogue.basic]
    )
    assert "Extra disk Goes with every plan." in text_of(visitor.get("/pricing/"))


def test_only_the_limits_that_are_sold_are_explained(visitor, catalogue):
    shown = text_of(visitor.get("/pricing/"))
    assert "Posts on each site Articles of the site’s blog." in shown
    assert "Sites Websites of your own" in shown
    assert "A style sheet of your own" not in shown
    assert str(Kind.CUSTOM_CSS) not in shown


@pytest.mark.parametrize(
    ("included", "says"), [(False, "All prices are without tax."), (True, "All prices are with tax.")]
)
def test_prices_say_whether_tax_is_in_them(visitor, catalogue, settings, included, says):
    settings.PRICES_INCLUDE_TAX = included
    assert says in text_of(visitor.get("/pricing/"))


def test_what_is_not_sold_is_not_shown(visitor, catalogue):
    Product.objects.filter(code__in=["business", "extra-disk"]).update(is_active=False)
    product("abroad", prices={MONTH: 100}, currency="USD")
    product("priceless", prices={})
    shown = text_of(visitor.get("/pricing/"))
    for name in ("Business", "Extra disk", "Abroad", "Priceless"):
        assert name not in shown


def test_a_network_that_sells_nothing_says_so(visitor, db):
    assert "Nothing is on sale at the moment" in text_of(visitor.get("/pricing/"))
    home = visitor.get("/")
    assert (home.status_code, home.context["plans"], home.context["example"]) == (200, [], None)


@pytest.mark.parametrize("address", ["/", "/pricing/?period=year-1"])
def test_every_plan_leads_to_the_sign_up_with_plan_and_period(visitor, catalogue, address):
    page = visitor.get(address).content.decode()
    period = "year-1" if "year" in address else "month-1"
    assert f'href="/sign-up/?plan={catalogue.premium.uid}&amp;period={period}"' in page
    assert f'href="/sign-up/?plan={catalogue.basic.uid}&amp;period=month-1"' in page
    assert visitor.get("/sign-up/", {"plan": catalogue.premium.uid, "period": period}).status_code == 200


def test_a_trial_is_offered_by_its_days(visitor, catalogue):
    Price.objects.filter(product=catalogue.business).update(trial_days=14)
    assert "Try it free for 14 days : Business" in text_of(visitor.get("/pricing/"))


def test_a_recommended_plan_is_marked(visitor, catalogue):
    assert "Recommended" not in text_of(visitor.get("/pricing/"))
    Product.objects.filter(code="premium").update(is_recommended=True)
    assert "Premium Recommended €30.00" in text_of(visitor.get("/pricing/"))


def test_who_has_an_account_is_led_to_it(visitor, world):
    visitor.force_login(world.person("rosa"))
    assert "To change the plan you have, go to your Account page." in text_of(visitor.get("/pricing/"))


def test_the_prices_cost_five_queries_whatever_the_catalogue(visitor, catalogue, django_assert_num_queries):
    with django_assert_num_queries(5):
        visitor.get("/pricing/")
    for number in range(20):
        more = product(f"more-{number}", group=catalogue.high_end, prices={MONTH: 100, YEAR: 1000})
        more.addons.set([catalogue.visits, catalogue.design])
    with django_assert_num_queries(5):
        visitor.get("/pricing/")


def test_the_first_page_costs_two_queries(visitor, catalogue, django_assert_num_queries):
    with django_assert_num_queries(2):
        visitor.get("/")


def test_the_first_page_prices_its_example_as_a_bill_would_be(visitor, catalogue):
    shown = text_of(visitor.get("/"))
    assert "Business 17 Mar – 17 Apr 2026" in shown
    assert "Due today" in shown
    assert "€75.48" in shown
    assert "From Premium to Business in the middle of March" in shown


def test_without_two_plans_to_move_between_there_is_no_example(visitor, catalogue):
    Price.objects.filter(product=catalogue.business).delete()
    page = visitor.get("/")
    assert (page.status_code, page.context["example"]) == (200, None)


@pytest.mark.parametrize("address", ["/", "/pricing/"])
def test_nothing_can_be_sent_to_a_page_that_only_shows(visitor, catalogue, address):
    assert visitor.post(address).status_code == 405


def chosen_period(page):
    return next(period["label"] for period in page.context["periods"] if period["is_chosen"])
