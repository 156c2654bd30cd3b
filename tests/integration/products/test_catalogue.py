"""What may be bought: the family's plans, the plan's add-ons."""

import pytest
from django.utils import timezone

from products.limits import Kind, Limits
from products.models import Price, Product, ProductLimit
from products.operations.catalogue import current_prices, limits_of, offered_addons, offered_plans
from products.operations.ladder import ladder, troubles
from products.operations.limits import change_limits
from products.operations.prices import retire_price


def codes(products):
    return [product.code for product in products]


@pytest.fixture
def shop(make_product, high_end):
    disk = make_product("disk", type="package", price=500)
    design = make_product("design", type="service")
    gone = make_product("gone", type="package", is_active=False)
    return {
        "free": make_product("free", group=high_end, rank=0, price=0, addons=[disk, design, gone]),
        "premium": make_product("premium", group=high_end, rank=20, price=9000),
        "gold": make_product("gold", group=high_end, rank=10, is_active=False),
        "basic": make_product("basic", price=3000),
        "solo": make_product("solo", rank=5),
    }


def test_members_are_offered_the_active_plans_of_their_group_low_to_high(shop, django_assert_num_queries):
    with django_assert_num_queries(1):
        offered = list(offered_plans(shop["free"]))
    assert codes(offered) == ["free", "premium"]


def test_a_plan_that_is_not_sold_any_more_is_offered_to_those_who_have_it(shop):
    assert codes(offered_plans(shop["gold"])) == ["free", "gold", "premium"]


def test_plans_without_a_group_are_one_family_of_their_own(shop):
    assert codes(offered_plans(shop["basic"])) == ["solo", "basic"]


def test_only_plans_have_a_family(shop):
    with pytest.raises(ValueError, match="disk is a package; only plans have a family"):
        offered_plans(Product.objects.get(code="disk"))


def test_a_plans_active_packages_and_services_are_offered_with_it(shop, django_assert_num_queries):
    with django_assert_num_queries(1):
        offered = list(offered_addons(shop["free"]))
    assert codes(offered) == ["disk", "design"]
    assert codes(offered_addons(shop["basic"])) == []


def test_current_prices_are_of_one_currency_and_not_replaced(shop, django_assert_num_queries):
    premium = shop["premium"]
    Price.objects.create(product=premium, currency="USD", amount=9900)
    yearly = Price.objects.create(product=premium, currency="EUR", amount=1, interval_unit="year")
    retire_price(price=yearly, now=timezone.now())
    with django_assert_num_queries(1):
        prices = current_prices(shop.values(), currency="EUR")
    assert {pk: [price.amount for price in of] for pk, of in prices.items()} == {
        shop["free"].pk: [0],
        premium.pk: [9000],
        shop["basic"].pk: [3000],
    }


def test_limits_are_read_for_all_products_at_once(shop, django_assert_num_queries):
    change_limits(product=shop["free"], amounts={Kind.POSTS: 5, Kind.DISK: None})
    with django_assert_num_queries(1):
        limits = limits_of([shop["free"], shop["basic"]])
    assert limits == {shop["free"].pk: Limits({Kind.POSTS: 5, Kind.DISK: None}), shop["basic"].pk: Limits()}


def test_changing_limits_touches_only_the_kinds_named(shop):
    free = shop["free"]
    change_limits(product=free, amounts={Kind.POSTS: 5, Kind.PAGES: 9, Kind.CUSTOM_CSS: None})
    change_limits(product=free, amounts={Kind.POSTS: None, Kind.PAGES: 0})
    stored = set(ProductLimit.objects.filter(product=free).values_list("kind", "amount"))
    assert stored == {("posts", None), ("custom_css", None)}


def test_the_ladder_says_who_can_go_where(make_product, high_end):
    family = [
        make_product("free", group=high_end, rank=0),
        make_product("old", group=high_end, rank=10, is_active=False),
        make_product("plus", group=high_end, rank=20),
        make_product("pro", group=high_end, rank=20),
    ]
    rungs = [(r.plan.code, codes(r.up), codes(r.down), codes(r.by_price)) for r in ladder(family)]
    assert rungs == [
        ("plus", [], ["free"], ["pro"]),
        ("pro", [], ["free"], ["plus"]),
        ("old", ["plus", "pro"], ["free"], []),
        ("free", ["plus", "pro"], [], []),
    ]


def trouble_in(*family) -> list[tuple[str, str]]:
    return [(plan.code, trouble) for plan, trouble in troubles(family)]


def test_a_plan_alone_can_be_neither_left_nor_reached(make_product, high_end):
    alone = make_product("alone", group=high_end, price=100)
    assert trouble_in(alone) == [("alone", "no_way_out"), ("alone", "no_way_in")]


def test_a_plan_without_a_price_can_be_taken_by_nobody(make_product, high_end):
    free, bare = make_product("free", price=0), make_product("bare", rank=20)
    assert trouble_in(free, bare) == [("bare", "no_price"), ("free", "no_way_out"), ("free", "no_way_in")]


def test_a_plan_that_is_not_sold_is_left_and_need_not_be_reached(make_product):
    old, new = make_product("old", price=100, is_active=False), make_product("new", price=100, rank=20)
    assert trouble_in(old, new) == [("new", "no_way_out")]


def test_members_go_where_their_currency_is_taken(make_product):
    euro, dollar = make_product("euro", price=100), make_product("dollar", rank=20)
    Price.objects.create(product=dollar, currency="USD", amount=100)
    assert trouble_in(euro, dollar) == [
        *(("dollar", "no_way_out"), ("dollar", "no_way_in")),
        *(("euro", "no_way_out"), ("euro", "no_way_in")),
    ]
    Price.objects.create(product=euro, currency="USD", amount=100)
    assert trouble_in(euro, dollar) == []
