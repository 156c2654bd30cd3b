"""The lists of what moved: filters that answer questions, what the rows come to, and the rows as a file."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import openpyxl
import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.db.models import Model

from accounts.models import User
from checkout.models import Order, Quote
from memberships.models import Invoice, Payment, Refund, WalletEntry
from memberships.operations.refunds import refund
from memberships.operations.wallet import adjust
from products.admin import export
from tests.factories.catalogue import Catalogue
from tests.factories.world import World

pytestmark = pytest.mark.django_db
MARCH_1 = datetime(2026, 3, 1, 12, tzinfo=UTC)
MARCH_20 = datetime(2026, 3, 20, 12, tzinfo=UTC)
APRIL_2 = datetime(2026, 4, 2, 12, tzinfo=UTC)
LISTS = {
    "order": "/admin/checkout/order/",
    "payment": "/admin/memberships/payment/",
    "invoice": "/admin/memberships/invoice/",
    "refund": "/admin/memberships/refund/",
    "wallet": "/admin/memberships/walletentry/",
}
CSV, XLSX = "0", "1"


@pytest.fixture
def spring(world: World, catalogue: Catalogue, staff: User) -> World:
    """Alice paid in March and got €10.00 of it back; bob waits to pay since 20 March; both have a gift."""
    alice = world.signs_up("alice", catalogue.premium, now=MARCH_1)
    bob = world.signs_up("bob", catalogue.free, now=MARCH_1)
    refund(payment=Payment.objects.get(), amount=1000, reason="=1+1", actor=staff, now=MARCH_20)
    world.orders(bob, catalogue.premium, now=MARCH_20)
    for member, amount in ((alice, 500), (bob, -200)):
        adjust(
            membership=member, amount=amount, note="@gift", actor=staff, reference="gift", now=MARCH_20,
            into_debt=True,
        )  # fmt: skip
    return world


def shown(desk, name: str, **filters: str) -> list[str]:
    return [str(row) for row in desk.get(LISTS[name], filters).context["cl"].result_list]


def totals(desk, name: str, **filters: str) -> list[list[str]]:
    rows: list[list[str]] = desk.get(LISTS[name], filters).context["totals"]["rows"]
    return rows


def exported(desk, name: str, **filters: str) -> list[dict[str, str]]:
    answer = desk.post(f"{LISTS[name]}export/", {"format": CSV, "resource": "0"}, query_params=filters)
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/csv")
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


# Questions


@time_machine.travel(APRIL_2, tick=False)
def test_what_is_unpaid_for_longer_than_so_many_days(desk, spring):
    for days, found in (("7", 1), ("14", 0)):
        assert len(shown(desk, "order", waits=days)) == found
        assert len(shown(desk, "payment", waits=days)) == found
    assert len(shown(desk, "payment", waits="nonsense")) == 2


@time_machine.travel(MARCH_20 + timedelta(hours=1), tick=False)
def test_refunds_of_this_month(desk, spring):
    assert shown(desk, "refund", when="this_month") == ["€10.00 (Refunded)"]
    assert shown(desk, "refund", when="last_month") == []
    assert totals(desk, "refund", when="this_month") == [["EUR", "1", "€10.00"]]


@pytest.mark.parametrize(
    ("now", "when", "found"),
    [
        (APRIL_2, "this_month", 0),
        (APRIL_2, "last_month", 1),
        (datetime(2026, 12, 31, 23, tzinfo=UTC), "this_month", 0),
        (datetime(2026, 12, 31, 23, tzinfo=UTC), "this_year", 1),
        (datetime(2027, 1, 1, tzinfo=UTC), "last_month", 0),
        (datetime(2027, 1, 1, tzinfo=UTC), "last_year", 1),
        (datetime(2027, 1, 1, tzinfo=UTC), "this_year", 0),
    ],
)
def test_months_and_years_begin_on_their_first_day(desk, spring, now, when, found):
    with time_machine.travel(now, tick=False):
        desk.force_login(User.objects.get(is_superuser=True))  # sessions are short beside years
        assert len(shown(desk, "refund", when=when)) == found


def test_payments_are_found_by_what_became_of_them(desk, spring):
    assert shown(desk, "payment", look="given_back") == ["€30.00 (Paid)"]
    assert shown(desk, "payment", look="tried_again") == []
    assert shown(desk, "payment", look="failed_at_first") == []
    assert shown(desk, "payment", look="without_bill") == []
    Payment.objects.filter(state="open").update(next_try_at=APRIL_2)
    assert shown(desk, "payment", look="tried_again") == ["€30.00 (Open)"]


def test_orders_are_found_by_who_placed_them(desk, spring, staff):
    assert len(shown(desk, "order", placed="customer")) == 3
    assert shown(desk, "order", placed="staff") == []
    Order.objects.filter(state="open").update(placed_by=staff)
    assert len(shown(desk, "order", placed="staff")) == 1
    Order.objects.filter(state="open").update(placed_by=None)
    assert len(shown(desk, "order", placed="schedule")) == 1


def test_the_wallets_entries_by_direction(desk, spring):
    assert totals(desk, "wallet", direction="in") == [["EUR", "1", "€5.00"]]
    assert totals(desk, "wallet", direction="out") == [["EUR", "1", "-€2.00"]]


# What it comes to


def test_a_list_adds_up_what_is_chosen_in_each_currency_apart(desk, spring, django_assert_num_queries):
    assert "totals" not in desk.get(LISTS["payment"]).context
    assert totals(desk, "payment", state__exact="paid") == [["EUR", "1", "€30.00", "€30.00"]]
    Payment.objects.filter(state="open").update(currency="USD")
    found = totals(desk, "payment", q="example.com")
    assert found == [["EUR", "1", "€30.00", "€30.00"], ["USD", "1", "$30.00", "$0.00"]]
    assert totals(desk, "order", state__exact="fulfilled") == [["EUR", "1", "€30.00"]]
    with django_assert_num_queries(4):
        desk.get(LISTS["payment"], {"state__exact": "paid"})


# The file


def test_a_file_holds_the_rows_that_are_shown(desk, spring):
    (row,) = exported(desk, "payment", state__exact="paid")
    assert (row["amount"], row["captured"], row["currency"]) == ("30.00", "30.00", "EUR")
    assert (row["e-mail address"], row["state"]) == ("alice@example.com", "Paid")
    assert row["created"] == "2026-03-01T12:00:00+00:00"
    assert len(exported(desk, "payment")) == 2
    assert exported(desk, "payment", q="nobody@example.org") == []


@pytest.mark.parametrize("name", LISTS)
def test_every_list_can_be_taken_along(desk, spring, name):
    counts = {"order": 3, "payment": 2, "invoice": 2, "refund": 1, "wallet": 2}
    assert len(exported(desk, name)) == counts[name]
    assert "Export" in desk.get(LISTS[name]).content.decode()


def test_a_workbook_holds_numbers_and_dates(desk, spring):
    answer = desk.post(f"{LISTS['wallet']}export/", {"format": XLSX, "resource": "0"})
    head, *rows = openpyxl.load_workbook(io.BytesIO(answer.content)).active.values
    entries = sorted((dict(zip(head, row, strict=True)) for row in rows), key=lambda entry: entry["amount"])
    assert [entry["amount"] for entry in entries] == [-2, 5]
    assert entries[1]["at"] == MARCH_20.replace(tzinfo=None)


def test_a_text_never_runs_in_a_spreadsheet(desk, spring):
    assert exported(desk, "refund")[0]["reason"] == "'=1+1"
    assert exported(desk, "wallet")[0]["note"] == "'@gift"
    workbook = desk.post(f"{LISTS['refund']}export/", {"format": XLSX, "resource": "0"})
    sheet = openpyxl.load_workbook(io.BytesIO(workbook.content)).active
    assert [cell.value for cell in sheet[2] if cell.data_type == "f"] == []
    assert "'=1+1" in [cell.value for cell in sheet[2]]


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("plain", "plain"), ("+1", "'+1"), ("-1", "'-1"), ("\tx", "'\tx"), ("a\x00b", "a\N{REPLACEMENT CHARACTER}b"),
        ("\x01=1", "\N{REPLACEMENT CHARACTER}=1"),
    ],
    ids=["plain", "plus", "minus", "tab", "nul", "control"],
)  # fmt: skip
def test_what_a_cell_may_hold(typed, written):
    assert export.harmless(typed) == written


def test_too_many_rows_are_refused_with_what_to_do(desk, spring, monkeypatch):
    monkeypatch.setattr(export, "MOST_ROWS", 1)
    answer = desk.post(f"{LISTS['payment']}export/", {"format": CSV, "resource": "0"})
    assert "A file takes 1 rows at most. Filter the list, and export it in parts." in answer.content.decode()
    assert len(exported(desk, "refund")) == 1


def test_a_file_needs_a_format_and_the_permission_to_see_its_rows(desk, spring, staff):
    answer = desk.post(f"{LISTS['payment']}export/", {"resource": "0"})
    assert answer.context["form"].errors == {"format": ["This field is required."]}
    staff.is_superuser = False
    staff.save()
    staff.user_permissions.set(Permission.objects.filter(codename="view_refund"))
    assert desk.get(f"{LISTS['payment']}export/").status_code == 403
    assert desk.post(f"{LISTS['payment']}export/", {"format": CSV, "resource": "0"}).status_code == 403
    assert len(exported(desk, "refund")) == 1


@pytest.mark.parametrize("name", LISTS)
def test_a_list_and_its_file_take_the_same_queries_whatever_their_length(
    desk, spring, name, django_assert_num_queries
):
    rows: Any = {
        "order": Order,
        "payment": Payment,
        "invoice": Invoice,
        "refund": Refund,
        "wallet": WalletEntry,
    }[name]
    narrowed = {"when": "this_month"}
    with time_machine.travel(MARCH_20 + timedelta(hours=1), tick=False):
        for length in (10, 1000):
            grow(rows, length - rows.objects.count())
            with django_assert_num_queries(4 if name == "invoice" else 3):  # whose filter asks for the years
                assert len(desk.get(LISTS[name]).context["cl"].result_list) == min(length, 50)
            with django_assert_num_queries(5 if name == "invoice" else 4):
                with_money = length - (name == "order")  # one was free
                assert totals(desk, name, **narrowed)[0][1] == f"{with_money:,}"
            # Two more say who writes, since a form is sent.
            with django_assert_num_queries(6 if name == "invoice" else 5):
                assert len(exported(desk, name)) == length


def grow(rows: Any, count: int) -> None:
    """So many rows more, which tell of nothing."""
    payment = Payment.objects.get(state="paid")
    membership, at = payment.membership, MARCH_20
    if rows is WalletEntry:
        made: list[Model] = [
            WalletEntry(membership=membership, amount=1, reason="used", reference=uuid4().hex, created_at=at)
            for _ in range(count)
        ]
    elif rows is Refund:
        made = [
            Refund(payment=payment, amount=1, reason="r", state="failed", created_at=at, settled_at=at)
            for _ in range(count)
        ]
    elif rows is Payment:
        made = [
            Payment(membership=membership, amount=1, currency="EUR", purpose="p", created_at=at)
            for _ in range(count)
        ]
    elif rows is Invoice:
        made = [
            Invoice(
                membership=membership, number=f"2026-{uuid4().hex[:12]}", reference=uuid4().hex, kind="new",
                currency="EUR", net=0, tax=0, due=0, customer_name="c", issued_at=at,
            )
            for _ in range(count)
        ]  # fmt: skip
    else:
        facts = {"revision": 0, "expires_at": APRIL_2, "picks": [], "scenario": {}, "result": {}}
        quotes = Quote.objects.bulk_create(
            Quote(membership=membership, user=membership.customer.user, as_of=at, **facts)
            for _ in range(count)
        )
        bills = Payment.objects.bulk_create(
            Payment(membership=membership, amount=1, currency="EUR", purpose="p", created_at=at)
            for _ in range(count)
        )
        made = [
            Order(
                membership=membership, quote=quote, payment=bill, kind="new", state="cancelled", created_at=at,
                settled_at=at,
            )
            for quote, bill in zip(quotes, bills, strict=True)
        ]  # fmt: skip
    rows._default_manager.bulk_create(made)
