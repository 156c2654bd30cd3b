"""The figures of a small network over three months, in two currencies, to the cent. `tests/factories/quarter.py` says
what happened there; the sums beside the figures are worked out by hand."""

from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.db import connection

from checkout.models import InvoicedDay, InvoicedUntil
from checkout.operations.books import what_is_wrong
from checkout.operations.figures import days, people, revenue
from checkout.operations.figures.revenue import Total
from checkout.operations.figures.window import Step, Window, window
from memberships.models import Invoice, InvoiceLine, Membership, RecurringAmount
from memberships.operations.next_bill import next_bill
from memberships.operations.recurring import bring_into_line, out_of_line
from products.models import TaxRate
from tests.factories.catalogue import MONTH, YEAR, discount, product
from tests.factories.quarter import AFTERWARDS, at, first_quarter
from tests.factories.world import MONTHLY, YEARLY

JANUARY_3 = at(1, 3)
MONTHLY_30, YEARLY_100 = ({MONTH: 3000}, MONTHLY), ({YEAR: 10000}, YEARLY)
recurring_amounts = import_module("memberships.migrations.0009_recurring_amounts")


@pytest.fixture
def member(world, catalogue):
    return first_quarter(world, catalogue)


def moved(recurring: revenue.Recurring) -> list[dict[str, tuple[int, int]]]:
    return [{name: (of.count, of.amount) for name, of in sorted(step.items())} for step in recurring.moved]


def test_a_quarter_in_euros_and_dollars(member):
    year = window(step=Step.MONTH, now=AFTERWARDS)
    quarter = Window(step=Step.MONTH, bounds=year.bounds[-4:])
    found = revenue.recurring(window=quarter)
    assert set(found) == {"EUR", "USD"}

    euros = found["EUR"]
    assert moved(euros) == [
        {"expansion": (2, 0), "new": (2, 5500)},
        {"expansion": (1, 800), "new": (1, 2400)},
        {"churn": (1, -2500), "new": (1, 9000), "reactivation": (1, 3000)},
    ]
    assert (euros.opening, euros.closing) == (0, [5500, 8700, 18200])
    assert (euros.paying, euros.per_paying) == (4, 4550)  # anna 38, bram 30, cleo 24, eva 90

    dollars = found["USD"]
    assert moved(dollars) == [{"new": (1, 3500)}, {"expansion": (1, 6500)}, {"contraction": (1, -6500)}]
    assert (dollars.opening, dollars.closing) == (0, [3500, 10000, 3500])
    assert (dollars.paying, dollars.per_paying) == (1, 3500)

    assert {
        currency: [(of.name, of.total) for of in plans]
        for currency, plans in revenue.recurring_by_plan().items()
    } == {
        "EUR": [("Premium", Total(count=3, amount=9200)), ("Business", Total(count=1, amount=9000))],
        "USD": [("Premium", Total(count=1, amount=3500))],
    }

    bills = revenue.invoiced(window=quarter)
    assert [step.amount for step in bills["EUR"].steps] == [
        3000 + 30000 + (9000 - 1645) - (9000 - 1645) - 1000,  # 17 days of 31 unused: 30.00 x 17/31 = 16.45
        3000 + 2400 + 600,  # the disk space from 10 February to 3 March: 8.00 x 21/28
        9000 + 3800 + 2400 - 24575 + 3000,  # bram's year from 10 March on: 300.00 x 299/365
    ]
    assert [step.amount for step in bills["USD"].steps] == [
        3500,
        3500 + 10000 - 2875,  # 35.00 x 23/28
        3500,
    ]
    assert {of.name: of.total.amount for of in bills["EUR"].products} == {
        "Premium": 3000 + 30000 - 1000 + 3000 + 2400 + 3000 + 2400 - 24575 + 3000,
        "Business": 9000,
        "Extra disk": 600 + 800,
    }

    assert people.trials(window=quarter) == {"converted": 1, "lost": 1, "open": 0}
    assert people.failed(window=quarter) == {}
    assert [finding for finding in what_is_wrong(now=AFTERWARDS) if finding.code == "recurring_amount"] == []


def test_the_window_cuts_what_lies_outside_it_and_its_steps_make_no_difference(member):
    year = window(step=Step.MONTH, now=AFTERWARDS)
    march = Window(step=Step.MONTH, bounds=year.bounds[-2:])
    euros = revenue.recurring(window=march)["EUR"]
    assert (euros.opening, euros.closing, euros.paying) == (8700, [18200], 4)
    assert euros.total("churn") == Total(count=1, amount=-2500)
    assert euros.total("contraction") == Total(count=0, amount=0)
    for step in Step:
        of = window(step=step, now=AFTERWARDS)
        euros = revenue.recurring(window=of)["EUR"]
        assert (len(euros.closing), euros.amount, euros.paying) == (len(of.steps), 18200, 4)

    # what is undone takes back its own movement
    rows = RecurringAmount.objects.filter(membership=member["anna"]).order_by("id")
    assert list(rows.values_list("movement", "delta", "amount")) == [
        ("new", 3000, 3000),
        ("expansion", 6000, 9000),
        ("expansion", -6000, 3000),
        ("expansion", 800, 3800),
    ]

    # what was changed past the operations is found, and written down once
    Membership.objects.filter(pk=member["eva"].pk).update(interval_count=2)
    assert out_of_line() == [member["eva"].pk]
    assert bring_into_line(membership_id=member["eva"].pk, now=AFTERWARDS) is True
    assert bring_into_line(membership_id=member["eva"].pk, now=AFTERWARDS) is False
    last = RecurringAmount.objects.get(reference="sweep")
    assert (last.movement, last.delta, last.amount) == ("contraction", -4500, 4500)

    # a network that has no such rows yet gets those of what there is
    RecurringAmount.objects.all().delete()
    recurring_amounts.fill(None, connection.schema_editor(atomic=False))
    assert out_of_line() == []
    filled = RecurringAmount.objects.values_list("membership__customer__user__name", "movement", "amount")
    assert sorted(filled) == [
        *(("Anna", "new", 3800), ("Bram", "new", 3000), ("Cleo", "new", 2400)),
        *(("Dirk", "new", 3500), ("Eva", "new", 4500)),
    ]


@pytest.mark.parametrize(
    "case",
    [
        (MONTHLY_30, None, False, 3000),
        (YEARLY_100, None, False, 833),  # 833.33
        (MONTHLY_30, {"percent": "12.5"}, False, 2625),
        (MONTHLY_30, {"amount": 1000}, False, 2000),
        (MONTHLY_30, {"amount": 9999}, False, 0),
        (MONTHLY_30, {"percent": "50", "products": ["another"]}, False, 3000),
        (MONTHLY_30, None, True, 2479),  # 3000 / 1.21 = 2479.34
        (YEARLY_100, {"amount": 1000}, True, 620),  # 9000 / 1.21 / 12 = 619.83
    ],
    ids=["month", "year", "percent", "amount", "all of it", "another product", "with tax", "with all"],
)
def test_what_a_membership_brings_in_a_month(world, catalogue, settings, case):
    (prices, interval), terms, tax_included, amount = case
    plan = product("plan", prices=prices, group=catalogue.high_end, rank=9)
    plan.tax_rate = TaxRate.objects.create(name="NL", percent=21)
    plan.save()
    settings.PRICES_INCLUDE_TAX = tax_included
    member = world.signs_up("gus", plan, now=JANUARY_3, interval=interval)
    RecurringAmount.objects.all().delete()
    if terms is not None:
        in_force = {"products": None, "code": "CODE", "periods_left": None, "setup_fee": False} | terms
        member.discount_uses.create(
            discount=discount("CODE", percent=5),
            state="live",
            reference="x",
            terms=in_force,
            reserved_at=JANUARY_3,
        )
    bring_into_line(membership_id=member.pk, now=JANUARY_3)
    assert [row.amount for row in RecurringAmount.objects.all()] == ([amount] if amount else [])
    bill = next_bill(membership=member, now=JANUARY_3)
    months = 12 if interval == YEARLY else 1
    assert bill is not None
    assert abs(bill.net - amount * months) <= months


def test_sums_of_days_say_the_same_as_the_documents(member):
    windows = [
        window(step=step, now=now) for step in Step for now in (AFTERWARDS, AFTERWARDS + timedelta(days=20))
    ]
    from_documents = [revenue.invoiced(window=each) for each in windows]
    assert days.sum_days(now=AFTERWARDS) is True
    assert days.sum_days(now=AFTERWARDS) is False
    assert [revenue.invoiced(window=each) for each in windows] == from_documents
    bills = from_documents[-1]["EUR"]
    assert (bills.total.amount, InvoicedDay.objects.filter(product=None).count()) == (31625, 13)

    # the day itself is not over until an hour after its midnight, and what comes to it later is found
    last = Invoice.objects.latest("issued_at")
    midnight = days.midnight(days.local_day(last.issued_at) + timedelta(days=1))
    days.sum_days(now=midnight + timedelta(minutes=59))
    assert InvoicedUntil.objects.get().day == days.local_day(last.issued_at)
    assert revenue.invoiced(window=windows[-1]) == from_documents[-1]
    assert days.sum_days(now=midnight + timedelta(minutes=61)) is True
    fields: dict[str, Any] = {
        "number": "late",
        "reference": "late",
        "net": 777,
        "tax": 0,
        "wallet_used": 777,
        "due": 0,
    }
    fields |= {"issued_at": last.issued_at, "customer_name": "Late"}
    late = Invoice.objects.create(
        **fields, membership=last.membership, kind=last.kind, currency=last.currency
    )
    line = InvoiceLine.objects.filter(invoice=last)[0]
    late.lines.create(
        item=line.item,
        product=line.product,
        type="charge",
        description="Late",
        gross=777,
        net=777,
        tax=0,
        tax_percent=0,
    )
    assert days.sum_days(now=midnight + timedelta(minutes=61)) is True
    assert revenue.invoiced(window=windows[-1])[last.currency].total.amount == (
        from_documents[-1][last.currency].total.amount + 777
    )


FIRST_DAY = "day = '2026-01-03' AND product_id IS NULL"


@pytest.mark.parametrize(
    ("hand", "said"),
    [
        ("UPDATE checkout_invoicedday SET net = net + 1 WHERE product_id IS NULL", "day 2026-01-03 EUR"),
        ("UPDATE checkout_invoicedday SET count = count + 1 WHERE product_id IS NULL", "day 2026-01-03 EUR"),
        ("DELETE FROM checkout_invoicedday WHERE product_id IS NOT NULL", "day 2026-01-03 EUR product "),
        (f"UPDATE checkout_invoicedday SET day = '2025-12-31' WHERE {FIRST_DAY}", "day 2025-12-31 EUR"),
        (f"UPDATE checkout_invoicedday SET currency = 'JPY' WHERE {FIRST_DAY}", "day 2026-01-03 JPY"),
    ],
    ids=["amount", "number", "gone", "another day", "another currency"],
)
def test_the_books_name_a_sum_that_is_not_that_of_its_documents(member, hand, said):
    days.sum_days(now=AFTERWARDS)
    assert list(what_is_wrong(now=AFTERWARDS)) == []
    with connection.cursor() as cursor:
        cursor.execute(hand)
    found = list(what_is_wrong(now=AFTERWARDS))
    assert {finding.code for finding in found} == {"day_of_invoices"}
    assert [finding for finding in found if finding.subject.startswith(said)]
    InvoicedUntil.objects.update(documents=1)  # behind, so that the sweep makes them anew
    assert list(what_is_wrong(now=AFTERWARDS)) == []


def test_a_day_is_that_of_the_networks_time_zone(member, settings):
    settings.TIME_ZONE = "Pacific/Auckland"
    quarter = window(step=Step.MONTH, now=AFTERWARDS)
    from_documents = revenue.invoiced(window=quarter)
    days.sum_days(now=AFTERWARDS + timedelta(days=2))
    assert revenue.invoiced(window=quarter) == from_documents
    assert list(what_is_wrong(now=AFTERWARDS)) == []
