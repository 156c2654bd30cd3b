"""The dashboard of the network admin: each number leads to its rows, and nobody sees numbers of rows that they may not
see."""

import re

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.models import User
from memberships.models import Customer, Membership, MembershipItem, Payment, RecurringAmount
from products.money_display import format_money
from sites.models import Site
from tests.factories.catalogue import MONTH, product
from tests.factories.quarter import AFTERWARDS, at, first_quarter

MONEY = {"recurring-revenue", "recurring-by-plan", "invoiced", "payments"}
OTHERS = {"trials", "sites-by-plan", "near-limits", "top-usage"}


@pytest.fixture
def one_day():
    with time_machine.travel(AFTERWARDS, tick=False):
        yield


def numbers_with_rows(answer) -> list[tuple[str, str, str]]:
    """What each number that leads somewhere says: where it stands, its text, its address."""
    found = []
    for block in answer.context["figures"]:
        found += [(number.label, number.text, number.href) for number in block.numbers if number.href]
        found += [
            (block.title, cell.text, cell.href) for row in block.table.rows for cell in row if cell.href
        ]
    return [each for each in found if each[0] not in {"ARPU", "Conversion", "Recovered", "Top usage"}]


def near(member: Membership) -> Site:
    return Site.objects.create(
        name="Anna's", slug="annas", membership=member, state="ready", created_at=at(1, 3), ready_at=at(1, 3),
        entitlements={"posts": 10, "pages": 100, "disk": None, "visits": 0},
        usage={"posts": 8, "pages": 79, "disk": 2_000_000, "visits": 7},
    )  # fmt: skip


def test_each_number_leads_to_as_many_rows_as_it_says(world, catalogue, desk, one_day):
    member = first_quarter(world, catalogue)
    near(member["anna"])
    for currency in ("EUR", "USD"):
        answer = desk.get(f"/admin/?currency={currency}")
        assert answer.context["figures_currency"][0]["title"] == "EUR"
        found = numbers_with_rows(answer)
        assert len(found) > 20
        for _where, text, href in found:
            if "change/" in href:
                continue
            rows = desk.get(href)
            behind = {str(rows.context["page"].paginator.count), *rows.context["totals"]}
            assert text in behind | ({format_money(0, currency)} if "movements" in href else set()), href
    numbers = {
        number.label: number.text
        for block in desk.get("/admin/").context["figures"]
        for number in block.numbers
    }
    assert numbers == {
        "MRR now": "€182.00", "Paying memberships": "4", "ARPU": "€45.50",
        "New": "€169.00", "Expansion": "€8.00", "Contraction": "€0.00", "Churn": "-€25.00",
        "Reactivation": "€30.00", "Without tax": "€316.25", "Failed": "0", "Recovered": "\N{EN DASH}",
        "Open bills": "0", "Conversion": "50 %", "End within a week": "0", "80 % and more": "1",
    }  # fmt: skip
    lines = (
        desk.get("/admin/figures/recurring-revenue.csv?currency=EUR").content.decode("utf-8-sig").splitlines()
    )
    assert lines[-3:] == [
        "2026-01-01,55.00,0.00,0.00,0.00,0.00,55.00,EUR",
        "2026-02-01,24.00,8.00,0.00,0.00,0.00,87.00,EUR",
        "2026-03-01,90.00,0.00,0.00,-25.00,30.00,182.00,EUR",
    ]
    rows = (
        desk.get("/admin/figures/rows/paying/?currency=EUR&format=csv")
        .content.decode("utf-8-sig")
        .splitlines()
    )
    assert [line.split(",")[:3] for line in rows[1:]] == [
        *(["Eva", "Business", "90.00"], ["Anna", "Premium", "38.00"]),
        *(["Bram", "Premium", "30.00"], ["Cleo", "Premium", "24.00"]),
    ]


@pytest.fixture
def helper(db) -> User:
    """Staff who may look at customers and their sites, and at no money."""
    user = User.objects.create_user(email="helper@network.example", is_staff=True)
    user.user_permissions.set(
        Permission.objects.filter(codename__in=["view_membership", "view_customer", "view_site"])
    )
    return user


def test_who_may_not_see_money_sees_none_of_it(helper, catalogue):
    client = Client(SERVER_NAME="localhost")
    client.force_login(helper)
    page = client.get("/admin/")
    assert {block.key for block in page.context["figures"]} == OTHERS
    assert page.context["figures_currency"] == []
    assert not re.search(r"€|MRR|ARPU", page.content.decode())
    for name in ("movements", "paying", "invoices", "lines", "failed-payments", "open-payments"):
        answer = client.get(f"/admin/figures/rows/{name}/?since=2026-01-01&until=2026-02-01")
        assert (name, answer.status_code) == (name, 403)
    codes = {key: client.get(f"/admin/figures/{key}.csv").status_code for key in MONEY | OTHERS}
    assert codes == dict.fromkeys(MONEY, 403) | dict.fromkeys(OTHERS, 200)


def test_no_customer_and_no_visitor_reaches_the_rows(db):
    client = Client(SERVER_NAME="localhost")
    for address in ("/admin/figures/rows/paying/", "/admin/figures/payments.csv"):
        assert client.get(address).status_code == 302
    client.force_login(User.objects.create_user(email="kim@example.com"))
    for address in ("/admin/figures/rows/paying/", "/admin/figures/payments.csv"):
        assert client.get(address, follow=True).status_code == 403


@pytest.mark.parametrize(
    "address",
    [
        "rows/nothing/", "nothing.csv", "rows/movements/", "rows/movements/?since=x&until=2026-01-01",
        "rows/movements/?since=2026-02-01&until=2026-01-01", "rows/paying/?plan=all", "rows/paying/?currency=EURO",
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_not_there(desk, address):
    assert desk.get(f"/admin/figures/{address}").status_code == 404


def test_an_unknown_period_or_currency_is_the_usual_one(desk, catalogue):
    answer = desk.get("/admin/?period=century&currency=XYZ&page=x")
    assert [each["title"] for each in answer.context["figures_period"] if each["active"]] == ["12 months"]
    assert answer.context["figures_query"] == "period=month&currency=EUR"


def test_a_name_that_a_spreadsheet_would_run_stays_a_text(desk, catalogue):
    members(1, product("plan", prices={MONTH: 3000}))
    Customer.objects.update(company="=1+1")
    rows = desk.get("/admin/figures/rows/paying/?format=csv").content.decode("utf-8-sig").splitlines()
    assert rows[1].startswith("'=1+1,Plan,30.00,")


def test_a_thousand_memberships_take_as_many_statements_as_ten(desk, django_assert_num_queries):
    plan = product("plan", prices={MONTH: 3000})
    members(10, plan)
    desk.get("/admin/")
    with django_assert_num_queries(27):
        assert "€300.00" in desk.get("/admin/").content.decode()
    with django_assert_num_queries(4):
        desk.get("/admin/figures/rows/paying/")
    members(990, plan)
    with django_assert_num_queries(27):
        assert "€30,000.00" in desk.get("/admin/").content.decode()
    with django_assert_num_queries(4):
        desk.get("/admin/figures/rows/paying/")


def members(count: int, plan) -> None:
    """As many more who pay for `plan`, each with a site near its limit and an open bill."""
    before, price = User.objects.count(), plan.prices.get()
    numbers = range(before, before + count)
    users = User.objects.bulk_create(User(email=f"m{n}@example.com", name=f"Member {n}") for n in numbers)
    customers = Customer.objects.bulk_create(Customer(user=user) for user in users)
    day, end = at(1, 3), at(2, 3)
    memberships = Membership.objects.bulk_create(
        Membership(
            customer=customer, state="active", currency="EUR", anchor=day, period_start=day, period_end=end,
            created_at=day, activated_at=day,
        )
        for customer in customers
    )  # fmt: skip
    MembershipItem.objects.bulk_create(
        MembershipItem(membership=each, product=plan, price=price, unit_price=3000, added_at=day)
        for each in memberships
    )
    RecurringAmount.objects.bulk_create(
        RecurringAmount(
            membership=each, plan=plan, movement="new", currency="EUR", delta=3000, amount=3000, at=day
        )
        for each in memberships
    )
    Payment.objects.bulk_create(
        Payment(membership=each, amount=3000, currency="EUR", purpose="Renewed Plan", created_at=day)
        for each in memberships
    )
    Site.objects.bulk_create(
        Site(
            name=f"Site {each.pk}", slug=f"site{each.pk}", membership=each, state="ready", created_at=day,
            ready_at=day, entitlements={"posts": 10}, usage={"posts": 9, "visits": 5, "disk": 5},
        )
        for each in memberships
    )  # fmt: skip
