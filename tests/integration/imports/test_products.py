"""Products from a file: with their prices, limits and groups, each once, and nothing of a row that is wrong."""

import pytest

from checkout.imports.models import ImportRow
from products.limits import Kind
from products.models import PlanGroup, Price, Product, TaxRate
from products.operations.catalogue import limits_of
from tests.factories.catalogue import MONTH, product
from tests.integration.imports.conftest import brought_in, checked, states, wrong

pytestmark = pytest.mark.django_db
SLUG = "Enter a valid “slug” consisting of letters, numbers, underscores or hyphens."
HEAD = "code,type,name,currency,prices"


def test_a_plan_with_everything_and_a_package_for_it():
    TaxRate.objects.create(name="NL", percent=21)
    job = brought_in(
        "products",
        "code;type;name;description;group;rank;tax_rate;currency;prices;setup_fee;trial_days;available_with;"
        "limit_sites;limit_posts;limit_disk;limit_contact_forms;active\n"
        "studio;plan;Studio;For two;Family;3;NL;EUR;30.00 month; 5;14;;2;unlimited;1.5 GB;yes;no\n"
        "more-disk;package;More disk;;;;;eur;4 month;;;studio;;;500 MB;;\n"
        "design;service;Design;;;;;EUR;450 once;;;studio;;;;;\n",
    )
    assert wrong(job) == {}
    studio = Product.objects.get(code="studio")
    assert (studio.name, studio.description, studio.rank, studio.is_active) == ("Studio", "For two", 3, False)
    assert (str(studio.group), str(studio.tax_rate)) == ("Family", "NL (21 %)")
    prices = Price.objects.filter(product=studio).values_list(
        "currency", "interval_unit", "interval_count", "amount", "setup_fee", "trial_days"
    )
    assert list(prices) == [("EUR", "month", 1, 3000, 500, 14)]
    assert limits_of([studio])[studio.pk].to_json() == {
        "contact_forms": None, "disk": 1_610_612_736, "posts": None, "sites": 2,
    }  # fmt: skip
    assert sorted(studio.addons.values_list("code", flat=True)) == ["design", "more-disk"]
    disk = Product.objects.get(code="more-disk")
    assert limits_of([disk])[disk.pk][Kind.DISK] == 500 * 1024**2
    assert list(job.rows.values_list("product__code", flat=True)) == ["studio", "more-disk", "design"]


def test_a_check_leaves_nothing_behind():
    job = checked("products", f"{HEAD},group\nstudio,plan,Studio,EUR,30 month; 80 3 months,New family\n")
    assert states(job) == [(2, "right")]
    assert ImportRow.objects.get().product is None
    assert (Product.objects.count(), Price.objects.count(), PlanGroup.objects.count()) == (0, 0, 0)


def test_what_is_here_stays_and_gets_the_prices_of_another_currency():
    product("studio", prices={MONTH: 3000})
    job = brought_in(
        "products", f"{HEAD}\nstudio,plan,Another name,EUR,99 month\nstudio,plan,Another name,USD,35 month\n"
    )
    assert states(job) == [(2, "known"), (3, "done")]
    studio = Product.objects.get()
    assert studio.name == "Studio"
    assert sorted(studio.prices.values_list("currency", "amount")) == [("EUR", 3000), ("USD", 3500)]


@pytest.mark.parametrize(
    ("row", "column", "sentence"),
    [
        (",plan,Studio,EUR,30 month", "code", "This field is required."),
        ("stu dio,plan,Studio,EUR,30 month", "code", SLUG),
        ("studio,wish,Studio,EUR,30 month", "type", "Select a valid choice. wish is not one of the available choices."),
        ("studio,plan,Studio,EURO,30 month", "currency", "Ensure this value has at most 3 characters (it has 4)."),
        ("studio,plan,Studio,XXQ,30 month", "currency",
         "There is no such currency. Write its three letters, such as EUR."),
        ("studio,plan,Studio,EUR,", "prices", "This field is required."),
        ("studio,plan,Studio,EUR,30", "prices",
         "“30” is no price. Write an amount and how often it is billed: 30.00 month; 300.00 year."),
        ("studio,plan,Studio,EUR,-3 month", "prices",
         "“-3 month” is no price. Write an amount and how often it is billed: 30.00 month; 300.00 year."),
        ("studio,plan,Studio,EUR,30.001 month", "prices", "An amount in EUR has at most 2 decimals."),
        ("studio,plan,Studio,JPY,30.5 month", "prices", "An amount in JPY has at most 0 decimals."),
        ("studio,plan,Studio,EUR,30 month; 31 1 months", "prices", "Two of these prices are for the same interval."),
        ("studio,plan,Studio,EUR,30 fortnight", "prices", "Write how often it is billed: month, year, 3 months."),
        ("studio,plan,Studio,EUR,450 once", "prices", "Only a service is paid once."),
        ("disk,package,Disk,EUR,4 month", "available_with", "Name the plans it can be bought with."),
    ],
)  # fmt: skip
def test_a_row_that_is_wrong_is_refused_at_its_column(row, column, sentence):
    job = brought_in("products", f"{HEAD}\n{row}\n")
    assert wrong(job) == {2: {column: [sentence]}}
    assert Product.objects.count() == 0


@pytest.mark.parametrize(
    ("columns", "values", "column", "sentence"),
    [
        ("limit_posts", "many", "limit_posts", "Write a whole number, or unlimited."),
        ("limit_posts", "5 GB", "limit_posts", "Write a whole number, or unlimited."),
        ("limit_disk", "5 bananas", "limit_disk", "Write a size such as 500 MB or 5 GB, or unlimited."),
        ("limit_custom_css", "perhaps", "limit_custom_css", "Write yes or no."),
        ("limit_visits", "9" * 13, "limit_visits", None),
        ("tax_rate", "Mars", "tax_rate", "There is no tax rate with this name. Make it first."),
        ("available_with", "studio", "available_with", "This is for packages and services. Leave it empty."),
        ("trial_days", "400", "trial_days", "Ensure this value is less than or equal to 366."),
        ("rank", "first", "rank", "Enter a whole number."),
    ],
)  # fmt: skip
def test_a_limit_a_tax_or_a_number_that_is_none(columns, values, column, sentence):
    product("studio", prices={MONTH: 3000})
    job = checked("products", f"{HEAD},{columns}\nnew,plan,New,EUR,30 month,{values}\n")
    assert wrong(job) == ({2: {column: [sentence]}} if sentence else {})


def test_a_group_is_for_plans_and_limits_are_not_for_services():
    product("studio", prices={MONTH: 3000})
    job = checked(
        "products",
        f"{HEAD},available_with,group,limit_posts\ndesign,service,Design,EUR,450 once,studio; nothing,High,3\n",
    )
    assert wrong(job) == {
        2: {
            "available_with": ["There is no plan “nothing”, here or further up in the file."],
            "group": ["This is for plans. Leave it empty."],
            "limit_posts": ["A service has no limits. Leave it empty."],
        }
    }
