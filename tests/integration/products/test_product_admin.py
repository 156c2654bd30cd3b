"""The product page of the network admin."""

from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import User
from memberships.models import Customer, Membership, MembershipItem
from products.limits import Kind
from products.models import Price, Product, ProductLimit
from products.operations.limits import change_limits
from tests.integration.products.product_page import posted

ADD = "/admin/products/product/add/"
LIST = "/admin/products/product/"


def page_of(product: Product) -> str:
    return reverse("admin:products_product_change", args=[product.pk], urlconf=settings.PUBLIC_SCHEMA_URLCONF)


def said(response) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def wrong(response) -> dict[str, list[str]]:
    """The refused fields with what is said at each; prices by `row.field`."""
    assert response.status_code == 200, "it was saved"
    errors = dict(response.context["adminform"].form.errors)
    (prices,) = response.context["inline_admin_formsets"]
    for number, row in enumerate(prices.formset.errors):
        errors |= {f"{number}.{field}": found for field, found in row.items()}
    return errors


@pytest.fixture
def basic(make_product):
    return make_product("basic", price=3000)


@pytest.fixture
def member(basic):
    user = User.objects.create_user(email="kim@example.com")
    membership = Membership.objects.create(
        customer=Customer.objects.create(user=user), state="active", currency="EUR", created_at=timezone.now()
    )
    MembershipItem.objects.create(
        membership=membership,
        product=basic,
        price=basic.prices.get(),
        unit_price=3000,
        added_at=timezone.now(),
    )
    return membership


# Making


def test_a_plan_is_made_with_prices_limits_and_add_ons_in_one_go(desk, make_product, high_end):
    disk = make_product("disk", type="package")
    answer = desk.post(
        ADD,
        posted(
            prices=[{"amount": "30.00"}, {"amount": "3000", "currency": "JPY", "interval_unit": "year"}],
            group=high_end.pk,
            partners=[disk.pk],
            limit_posts_0="some",
            limit_posts_1="1,500",
            limit_disk_0="some",
            limit_disk_1="1.5",
            limit_disk_2="GB",
            limit_visits_0="unlimited",
            limit_custom_css="on",
        ),
    )
    assert answer.status_code == 302
    plan = Product.objects.get(code="basic")
    assert (plan.type, plan.group, list(plan.addons.all())) == ("plan", high_end, [disk])
    assert set(plan.prices.values_list("amount", "currency", "interval_unit")) == {
        (3000, "EUR", "month"),
        (3000, "JPY", "year"),
    }
    assert dict(plan.limits.values_list("kind", "amount")) == {
        "posts": 1500,
        "disk": 1536 * 1024**2,
        "visits": None,
        "custom_css": None,
    }


def test_a_package_is_made_from_its_own_page(desk, basic):
    answer = desk.post(f"{ADD}?type=package", posted(code="disk", name="Disk", partners=[basic.pk]))
    assert answer.status_code == 302
    package = Product.objects.get(code="disk")
    assert (package.type, package.group, list(package.available_with.all())) == ("package", None, [basic])


@pytest.mark.parametrize(
    ("kind", "tabs"),
    [
        ("plan", ["General", "Prices", "Up & Downgrades", "Limits", "Taxes", "Site templates"]),
        ("package", ["General", "Prices", "Limits", "Taxes"]),
        ("service", ["General", "Prices", "Taxes"]),
    ],
)
def test_each_type_has_the_tabs_that_mean_something_for_it(desk, make_product, kind, tabs):
    product = make_product("thing", type=kind)
    for address in (page_of(product), f"{ADD}?type={kind}"):
        (shown,) = desk.get(address).context["tab_list"]
        assert [str(tab["title"]) for tab in shown["items"]] == tabs


def test_a_package_takes_no_plan_group_even_from_a_crafted_form(desk, high_end):
    desk.post(f"{ADD}?type=package", posted(code="disk", group=high_end.pk))
    assert Product.objects.get(code="disk").group is None


def test_a_product_stays_what_it_is(desk, basic):
    desk.post(f"{page_of(basic)}?type=package", posted(basic, type="package", code="other"))
    basic.refresh_from_db()
    assert (basic.type, basic.code) == ("plan", "basic")


def test_a_plan_is_no_add_on(desk, basic, make_product):
    other = make_product("other")
    answer = desk.post(page_of(basic), posted(basic, partners=[other.pk]))
    assert "is not one of the available choices" in wrong(answer)["partners"][0]


# Prices


def test_a_changed_price_becomes_a_new_version_and_members_keep_theirs(desk, basic, member):
    old = basic.prices.get()
    answer = desk.post(page_of(basic), posted(basic, prices=[{"id": old.pk, "amount": "35.00"}]))
    assert answer.status_code == 302
    old.refresh_from_db()
    new = basic.prices.current().get()
    assert (old.amount, new.amount) == (3000, 3500)
    assert member.items.get().price == old
    assert "€30.00 per month is now €35.00 per month. 1 member keeps €30.00 per month." in said(answer)


def test_earlier_prices_are_listed_with_who_still_has_them(desk, basic, member):
    old = basic.prices.get()
    desk.post(page_of(basic), posted(basic, prices=[{"id": old.pk, "amount": "35.00"}]))
    rows = desk.get(page_of(basic)).context["earlier_prices"]["rows"]
    assert [(price, members) for price, _setup, _until, members in rows] == [("€30.00 per month", 1)]


def test_a_removed_price_is_not_sold_any_more_and_not_deleted(desk, basic, member):
    old = basic.prices.get()
    yearly = {"amount": "300.00", "interval_unit": "year"}
    answer = desk.post(
        page_of(basic), posted(basic, prices=[{"id": old.pk, "amount": "30.00", "DELETE": "on"}, yearly])
    )
    assert basic.prices.current().get().interval_unit == "year"
    assert basic.prices.filter(pk=old.pk).exists()
    assert "€30.00 per month is not sold any more. 1 member keeps €30.00 per month." in said(answer)


def test_saving_without_a_change_makes_no_version(desk, basic):
    desk.post(page_of(basic), posted(basic))
    assert basic.prices.count() == 1


def test_a_price_can_be_removed_and_made_anew_in_one_go(desk, basic):
    old = basic.prices.get()
    rows = [{"id": old.pk, "amount": "30.00", "DELETE": "on"}, {"amount": "31.00"}]
    assert desk.post(page_of(basic), posted(basic, prices=rows)).status_code == 302
    assert basic.prices.current().get().amount == 3100


def test_the_interval_of_a_stored_price_cannot_be_edited(desk, basic):
    old = basic.prices.get()
    rows = [{"id": old.pk, "amount": "30.00", "interval_unit": "year", "currency": "USD"}]
    desk.post(page_of(basic), posted(basic, prices=rows))
    price = basic.prices.get()
    assert (price.interval_unit, price.currency) == ("month", "EUR")


def test_a_page_that_is_out_of_date_overwrites_nothing(desk, basic):
    old = basic.prices.get()
    desk.post(page_of(basic), posted(basic, prices=[{"id": old.pk, "amount": "35.00"}]))
    late = desk.post(page_of(basic), posted(basic, prices=[{"id": old.pk, "amount": "99.00"}]))
    assert late.status_code == 200
    assert basic.prices.current().get().amount == 3500


@pytest.mark.parametrize(
    ("row", "field", "sentence"),
    [
        ({"amount": "-1"}, "amount", "An amount cannot be negative."),
        ({"amount": "30", "setup_fee": "-1"}, "setup_fee", "An amount cannot be negative."),
        ({"amount": "30.001"}, "amount", "EUR has 2 decimals."),
        ({"amount": "30.5", "currency": "JPY"}, "amount", "JPY has no decimals."),
        ({"amount": "1.2345", "currency": "KWD"}, "amount", "KWD has 3 decimals."),
        ({"amount": "99999999999999999999"}, "amount", "The largest amount is €10,000,000,000.00."),
        ({"amount": "1e400"}, "amount", "Ensure that there are no more than 40 digits in total."),
        ({"amount": "NaN"}, "amount", "Enter a number."),
        ({"amount": "thirty"}, "amount", "Enter a number."),
        ({"amount": "", "trial_days": "3"}, "amount", "This field is required."),
        (
            {"amount": "30", "currency": "ZZZ"},
            "currency",
            "Select a valid choice. ZZZ is not one of the available choices.",
        ),
        (
            {"amount": "30", "interval_unit": "once", "trial_days": "7"},
            "trial_days",
            "What is paid once has no trial.",
        ),
        (
            {"amount": "30", "interval_unit": "once", "interval_count": "2"},
            "interval_count",
            "What is paid once has no interval: enter 1.",
        ),
        (
            {"amount": "30", "interval_count": "0"},
            "interval_count",
            "Ensure this value is greater than or equal to 1.",
        ),
        (
            {"amount": "30", "interval_count": "61"},
            "interval_count",
            "The longest interval is every 60 months.",
        ),
        (
            {"amount": "30", "trial_days": "99999"},
            "trial_days",
            "Ensure this value is less than or equal to 366.",
        ),
    ],
)
def test_an_impossible_price_is_refused_at_its_field(desk, row, field, sentence):
    answer = desk.post(ADD, posted(prices=[row]))
    assert wrong(answer) == {f"0.{field}": [sentence]}
    assert not Product.objects.exists()


def test_two_prices_for_the_same_interval_are_refused(desk, basic):
    (old,) = basic.prices.all()
    rows = [{"id": old.pk, "amount": "30.00"}, {"amount": "31.00"}]
    answer = desk.post(page_of(basic), posted(basic, prices=rows))
    assert wrong(answer) == {
        "1.interval_unit": ["There is a price in EUR per month already: change that one."]
    }
    assert basic.prices.count() == 1


def test_twelve_months_are_a_year_also_when_there_is_a_yearly_price(desk):
    year = {"amount": "300.00", "interval_unit": "year"}
    months = {"amount": "310.00", "interval_count": "12"}
    answer = desk.post(ADD, posted(prices=[year, months]))
    assert wrong(answer) == {
        "1.interval_unit": ["There is a price in EUR per year already: change that one."]
    }
    assert desk.post(ADD, posted(prices=[months])).status_code == 302
    assert Price.objects.values_list("interval_unit", "interval_count").get() == ("year", 1)


def test_amounts_are_typed_as_the_admins_language_writes_them(desk, staff):
    with translation.override("nl"):
        answer = desk.post(ADD, posted(prices=[{"amount": "1.030,50"}]), headers={"accept-language": "nl"})
    assert answer.status_code == 302
    assert Price.objects.get().amount == 103050


# Limits


def test_limits_are_shown_as_people_say_them(desk, basic):
    change_limits(product=basic, amounts={Kind.DISK: 500 * 1024**2, Kind.POSTS: None, Kind.CUSTOM_CSS: None})
    form = desk.get(page_of(basic)).context["adminform"].form
    assert form["limit_disk"].value() == ["some", 500, "MB"]
    assert form["limit_posts"].value() == ["unlimited", None]
    assert form["limit_pages"].value() == ["none", None]
    assert (form["limit_custom_css"].value(), form["limit_contact_forms"].value()) == (True, False)


def test_an_untouched_limit_stays_to_the_byte(desk, basic):
    change_limits(product=basic, amounts={Kind.DISK: 1_234_567_891})
    shown = desk.get(page_of(basic)).context["adminform"].form["limit_disk"].value()
    assert shown == ["some", Decimal("1.15"), "GB"]
    fields: dict[str, Any] = {f"limit_disk_{number}": str(value) for number, value in enumerate(shown)}
    desk.post(page_of(basic), posted(basic, **fields))
    assert ProductLimit.objects.get(kind="disk").amount == 1_234_567_891


def test_a_product_is_made_inactive_and_never_deleted(desk, basic):
    assert desk.post(f"/admin/products/product/{basic.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Product.objects.filter(pk=basic.pk).exists()


def test_a_changed_limit_says_when_members_will_have_it(desk, basic):
    promise = "The sites of members follow the new limits within minutes."
    page = posted(basic, limit_posts_0="some", limit_posts_1="7")
    assert promise in desk.post(page_of(basic), page, follow=True).content.decode()
    assert promise not in desk.post(page_of(basic), page, follow=True).content.decode()


def test_a_limit_taken_away_leaves_no_row(desk, basic):
    change_limits(product=basic, amounts={Kind.POSTS: 5, Kind.PAGES: 5})
    desk.post(
        page_of(basic),
        posted(basic, limit_posts_0="none", limit_posts_1="five", limit_pages_0="some", limit_pages_1="0"),
    )
    assert not ProductLimit.objects.exists()


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        (
            {"limit_posts_0": "some", "limit_posts_1": ""},
            "limit_posts",
            "Enter a number, or choose another word before it.",
        ),
        (
            {"limit_posts_0": "some", "limit_posts_1": "-3"},
            "limit_posts",
            "Ensure this value is greater than or equal to 0.",
        ),
        ({"limit_posts_0": "some", "limit_posts_1": "1.5"}, "limit_posts", "Enter a whole number."),
        (
            {"limit_posts_0": "perhaps"},
            "limit_posts",
            "Select a valid choice. perhaps is not one of the available choices.",
        ),
        (
            {"limit_posts_0": "some", "limit_posts_1": "9" * 30},
            "limit_posts",
            "This is too much. Choose unlimited instead.",
        ),
        (
            {"limit_disk_0": "some", "limit_disk_1": "99999999", "limit_disk_2": "TB"},
            "limit_disk",
            "This is too much. Choose unlimited instead.",
        ),
        (
            {"limit_disk_0": "some", "limit_disk_1": "1", "limit_disk_2": "PB"},
            "limit_disk",
            "Select a valid choice. PB is not one of the available choices.",
        ),
    ],
)
def test_an_impossible_limit_is_refused_at_its_field(desk, basic, typed, field, sentence):
    answer = desk.post(page_of(basic), posted(basic, **typed))
    assert wrong(answer) == {field: [sentence]}
    assert not ProductLimit.objects.exists()


def test_the_tab_with_the_mistake_is_opened_and_counts_it(desk, basic):
    answer = desk.post(page_of(basic), posted(basic, limit_posts_0="some"))
    assert answer.context["first_wrong_tab"] == "limits"
    (shown,) = answer.context["tab_list"]
    assert [tab["errors"] for tab in shown["items"]] == [0, 0, 0, 1, 0, 0]


# Up & Downgrades


def test_plans_without_a_group_are_named_as_one_family(desk, basic, make_product, high_end):
    make_product("solo", rank=50)
    make_product("other", group=high_end)
    page = desk.get(page_of(basic)).content.decode()
    assert "Plans without a plan group are one family of their own." in page
    family = page[page.index("one family of their own") :]
    assert "Solo" in family
    assert "Other" not in family


def test_the_group_says_what_an_upgrade_does(desk, make_product, high_end):
    high_end.on_upgrade = "keep_renewal_date"
    high_end.save()
    page = desk.get(page_of(make_product("free", group=high_end))).content.decode()
    assert "Keep the renewal date (set in the plan group High End)" in page


# The list


def test_the_list_shows_prices_members_and_group(desk, basic, member):
    page = desk.get(LIST).content.decode()
    assert "€30.00 per month" in page
    assert "Basic" in page


@pytest.mark.parametrize("count", [1, 30])
def test_the_list_takes_the_same_queries_whatever_its_length(
    desk, make_product, high_end, count, django_assert_num_queries
):
    for number in range(count):
        make_product(f"plan-{number}", group=high_end, price=100)
    with django_assert_num_queries(5):
        desk.get(LIST)


@pytest.mark.parametrize("count", [1, 20])
def test_the_page_takes_the_same_queries_whatever_the_catalogue(
    desk, basic, make_product, count, django_assert_num_queries
):
    for number in range(count):
        make_product(f"package-{number}", type="package", price=100)
        make_product(f"plan-{number}", price=100)
    desk.get(page_of(basic))  # from here on the process knows the content types
    with django_assert_num_queries(15):
        desk.get(page_of(basic))
