"""Tax rates by place and day: what holds for whom and when, how they are entered, and what bills keep."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission

from memberships.forms import BillingDetailsForm
from memberships.models import Customer, InvoiceLine
from products.models import TaxRate, TaxRateVersion
from products.operations.tax_rates import HasBegun, set_rate_from, withdraw
from tests.integration.checkout.reading import text_of

pytestmark = pytest.mark.django_db
MARCH_1 = datetime(2026, 3, 1, 12, tzinfo=UTC)
APRIL_1 = datetime(2026, 4, 1, 12, tzinfo=UTC)
MAY_1 = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def standard(catalogue) -> TaxRate:
    rate = TaxRate.objects.create(name="Standard", percent=21)
    catalogue.premium.tax_rate = rate
    catalogue.premium.save()
    return rate


@pytest.fixture
def enter(standard, staff):
    def enter(percent: str, starts_on: date, *, country: str = "", region: str = "") -> TaxRateVersion:
        return set_rate_from(
            rate=standard, country=country, region=region, percent=Decimal(percent), starts_on=starts_on, actor=staff,
            now=MARCH_1,
        )  # fmt: skip

    return enter


def test_the_nearest_place_and_the_latest_day_decide(standard, enter):
    enter("22", date(2026, 4, 1))
    enter("19", date(2026, 3, 15), country="DE")
    enter("20", date(2026, 5, 1), country="DE")
    enter("8.875", date(2026, 4, 1), country="US", region="NY")
    standard.refresh_from_db()
    rates = {
        (country, region, day): standard.percent_at(country=country, region=region, on=date.fromisoformat(day))
        for country, region, day in (
            ("NL", "", "2026-03-31"), ("NL", "", "2026-04-01"), ("", "", "2026-04-01"), ("DE", "", "2026-03-14"),
            ("DE", "BY", "2026-03-15"), ("DE", "", "2026-05-01"), ("US", "NY", "2026-04-01"),
            ("US", "CA", "2026-04-01"),
        )
    }  # fmt: skip
    assert [f"{rate.normalize():f}" for rate in rates.values()] == [
        "21",
        "22",
        "22",
        "21",
        "19",
        "20",
        "8.875",
        "22",
    ]


def test_the_schedule_repeats_the_versions(standard, enter, staff):
    enter("22", date(2026, 4, 1))
    enter("23", date(2026, 4, 1))
    late = enter("19", date(2026, 5, 1), country="DE")
    standard.refresh_from_db()
    assert standard.schedule == [
        {"country": "DE", "region": "", "starts_on": "2026-05-01", "percent": "19"},
        {"country": "", "region": "", "starts_on": "2026-04-01", "percent": "23"},
    ]
    withdraw(version=late, now=MARCH_1)
    standard.refresh_from_db()
    assert [version["percent"] for version in standard.schedule] == ["23"]
    assert TaxRateVersion.objects.get().set_by == staff


def test_a_rate_that_has_begun_stays(standard, enter):
    with pytest.raises(HasBegun):
        enter("22", date(2026, 3, 1))
    version = enter("22", date(2026, 4, 1))
    with pytest.raises(HasBegun):
        withdraw(version=version, now=APRIL_1)
    assert TaxRateVersion.objects.get().percent == 22


def test_a_renewal_has_the_rate_of_its_day_and_bills_keep_theirs(world, catalogue, enter):
    alice = world.signs_up("alice", catalogue.premium, now=MARCH_1)
    enter("25", date(2026, 4, 1))
    world.walk(APRIL_1, APRIL_1)
    lines = InvoiceLine.objects.filter(invoice__membership=alice).order_by("pk")
    figures = [(line.net, line.tax, int(line.tax_percent)) for line in lines]
    assert figures == [(3000, 630, 21), (3000, 750, 25)]
    assert alice.items.live().get().tax_percent == 25


def test_a_customers_country_and_region_decide(world, catalogue, enter):
    enter("9.5", date(2026, 3, 2), country="US", region="CA")
    alice = world.comes("alice", now=MARCH_1)
    Customer.objects.update(country="US", region="CA")
    quote = world.quote(alice, catalogue.premium, now=APRIL_1)
    assert quote.result["lines"][0]["tax"] == 285
    Customer.objects.update(region="NV")
    assert world.quote(alice, catalogue.premium, now=APRIL_1).result["lines"][0]["tax"] == 630


def test_customers_are_asked_for_their_region_only_where_tax_depends_on_it(world, enter):
    customer = world.comes("alice", now=MARCH_1).customer
    assert "region" not in BillingDetailsForm(customer=customer).fields
    enter("9.5", date(2026, 4, 2), country="US", region="CA")
    typed = {"name": "Alice", "country": "US", "region": " ca "}
    form = BillingDetailsForm(typed, customer=customer)
    assert form.is_valid()
    form.save()
    customer.refresh_from_db()
    assert (customer.region, customer.memberships.get().revision) == ("CA", 1)


# At the desk


def page_of(rate: TaxRate, what: str = "change") -> str:
    return f"/admin/products/taxrate/{rate.pk}/{what}/"


@time_machine.travel(MARCH_1, tick=False)
def test_a_rate_in_use_is_never_edited_another_begins_on_a_day(desk, staff, standard):
    desk.force_login(staff)
    counts = {"versions-TOTAL_FORMS": "0", "versions-INITIAL_FORMS": "0"}
    desk.post(page_of(standard), {"name": "Standard", "percent": "5"} | counts)
    standard.refresh_from_db()
    assert standard.percent == 21
    typed = {"country": "DE", "region": "", "percent": "19", "starts_on": "2026-04-01"}
    assert desk.post(page_of(standard, "from"), typed)["Location"] == page_of(standard)
    shown = text_of(desk.get(page_of(standard)))
    for said in ("Germany", "19 %", "To come"):
        assert said in shown
    assert LogEntry.objects.latest("id").change_message == "19 %, 2026-04-01"
    desk.post(page_of(standard, "withdraw"), {"version": TaxRateVersion.objects.get().pk})
    assert not TaxRateVersion.objects.exists()


@time_machine.travel(MARCH_1, tick=False)
@pytest.mark.parametrize(
    ("fields", "errors"),
    [
        (
            {"starts_on": "2026-03-01"},
            {"starts_on": ["Choose a day to come. Bills of today and before keep the rate they had."]},
        ),
        ({"percent": "101"}, {"percent": ["Ensure this value is less than or equal to 100."]}),
        ({"percent": "-1"}, {"percent": ["Ensure this value is greater than or equal to 0."]}),
        ({"country": "", "region": "CA"}, {"region": ["Choose the country in which it lies."]}),
        (
            {"country": "XX"},
            {"country": ["Select a valid choice. XX is not one of the available choices."]},
        ),
    ],
    ids=["today", "too much", "below nothing", "nowhere", "no country"],
)
def test_a_rate_that_cannot_be_is_refused_at_its_field(desk, staff, standard, fields, errors):
    desk.force_login(staff)
    typed = {"country": "US", "region": "", "percent": "9", "starts_on": "2026-04-01"} | fields
    answer = desk.post(page_of(standard, "from"), typed)
    assert answer.status_code == 422
    assert answer.context["form"].errors == errors
    assert not TaxRateVersion.objects.exists()


def test_a_rate_needs_the_permission_to_change_it(desk, staff, standard):
    staff.is_superuser = False
    staff.save()
    staff.user_permissions.set(Permission.objects.filter(codename="view_taxrate"))
    for what in ("from", "withdraw"):
        assert desk.get(page_of(standard, what)).status_code == 403
        assert desk.post(page_of(standard, what), {}).status_code == 403


def test_a_rate_that_products_have_is_not_deleted(desk, standard):
    answer = desk.post(page_of(standard, "delete"), {"post": "yes"})
    assert "Premium" in text_of(answer)
    assert TaxRate.objects.get() == standard
