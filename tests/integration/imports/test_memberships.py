"""Memberships from a file: as they stood elsewhere, charged when their day comes and never before."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress

from accounts.models import User
from checkout.imports.models import ImportedMembership, ImportJob
from checkout.imports.operations import begin_import, read_csv, run_import, stop_import, work_on
from checkout.imports.operations import work as working
from checkout.imports.operations.attempt import attempt
from checkout.models import Order
from checkout.operations.books import what_is_wrong
from memberships.models import Customer, Invoice, Membership, Notice, Payment, RecurringAmount, WalletEntry
from products.limits import Kind
from products.models import Price
from products.operations.limits import change_limits
from sites.models import DomainClaim, Site
from tests.integration.imports.conftest import MARCH_12, brought_in, checked, clock, states, wrong

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_march", "gateway_double")]
HEAD = "reference,email,plan"
A_DAY = "Write a day as 2026-12-31, or a moment as 2026-12-31 14:00."


def test_a_member_comes_with_everything(catalogue):
    change_limits(product=catalogue.premium, amounts={Kind.DOMAINS: 1})
    job = brought_in(
        "memberships",
        "reference,email,name,language,company,address,country,vat_number,plan,interval,price,packages,member_since,"
        "next_renewal,wallet,site_name,site_address,domains\n"
        '4711,Anna@Example.com,Anna Vos,nl,Vos BV,"Dam 1\n1012 Amsterdam",nl,NL004495445B01,premium,month,25.00,'
        "extra-disk 2,2023-01-31,2026-03-31,7.50,Anna’s Garden,annas-garden,www.annas-garden.nl\n",
    )
    assert wrong(job) == {}
    membership = Membership.objects.get()
    customer = membership.customer
    assert (customer.user.email, customer.user.name, customer.user.language) == (
        "anna@example.com",
        "Anna Vos",
        "nl",
    )
    assert (customer.company, customer.address, customer.country) == ("Vos BV", "Dam 1\n1012 Amsterdam", "NL")
    assert not customer.user.has_usable_password()
    assert (membership.state, f"{membership.created_at:%Y-%m-%d}") == ("active", "2023-01-31")
    assert (
        f"{membership.anchor:%Y-%m-%d}" == "2023-01-31"
    )  # so that April ends on its last day, and May on the 31st
    assert (
        f"{membership.period_start:%Y-%m-%d} {membership.period_end:%Y-%m-%d %H}"
        == "2026-02-28 2026-03-31 12"
    )
    assert list(membership.items.values_list("product__code", "quantity", "unit_price")) == [
        ("premium", 1, 2500), ("extra-disk", 2, 400),
    ]  # fmt: skip
    assert membership.wallet_entries.balance() == 750
    (site,) = Site.objects.all()
    assert (site.name, site.slug, site.membership) == ("Anna’s Garden", "annas-garden", membership)
    assert [claim.domain for claim in DomainClaim.objects.all()] == ["www.annas-garden.nl"]
    (row,) = RecurringAmount.objects.all()
    assert (row.movement, row.amount, row.at) == ("new", 2500 + 2 * 400, MARCH_12)
    (told,) = membership.transitions.all()
    assert (told.headline, told.reference) == ("Moved to this network with Premium", "import-4711")
    assert (Payment.objects.count(), Invoice.objects.count(), Notice.objects.count()) == (0, 0, 0)
    assert [finding for finding in what_is_wrong(now=MARCH_12) if "site " not in finding.subject] == []

    kept = Price.objects.get(amount=2500)
    assert (kept.product, kept.superseded_at) == (catalogue.premium, MARCH_12)
    assert catalogue.premium.prices.current().filter(interval_unit="month").get().amount == 3000


def test_a_renewal_comes_on_its_day_by_itself_and_not_before(world, catalogue):
    brought_in(
        "memberships",
        f"{HEAD},price,member_since,next_renewal\na,anna@example.com,premium,25,2024-01-20,2026-03-20\n",
    )
    membership = Membership.objects.get()
    day = membership.period_end
    assert day is not None
    world.saves_a_card(membership, now=MARCH_12)
    world.walk(MARCH_12, day.replace(day=19))
    assert (Payment.objects.count(), Order.objects.count()) == (0, 0)
    world.a_day(day)
    order = Order.objects.get()
    assert (order.kind, order.state, order.payment.amount, order.payment.state) == (
        "renewal",
        "fulfilled",
        2500,
        "paid",
    )
    membership.refresh_from_db()
    assert f"{membership.period_start:%Y-%m-%d} {membership.period_end:%Y-%m-%d}" == "2026-03-20 2026-04-20"
    assert [finding for finding in what_is_wrong(now=day) if "site " not in finding.subject] == []


def test_without_a_card_the_day_brings_a_mail_with_a_link_to_pay(world, catalogue):
    brought_in("memberships", f"{HEAD},next_renewal\na,anna@example.com,premium,2026-03-20\n")
    membership = Membership.objects.get()
    world.a_day(membership.period_end)
    membership.refresh_from_db()
    assert membership.state == "past_due"
    assert "payment_failed" in Notice.objects.values_list("kind", flat=True)


def test_a_membership_does_not_go_to_who_signed_up_with_an_address_that_is_not_theirs(world, catalogue):
    mallory = world.person("anna")
    EmailAddress.objects.create(user=mallory, email=mallory.email, primary=True, verified=False)
    job = checked("memberships", f"{HEAD}\na,anna@example.com,free\n")
    assert wrong(job) == {
        2: {"email": ["There is an account with this address that nobody has confirmed yet."]}
    }
    EmailAddress.objects.update(verified=True)
    assert wrong(checked("memberships", f"{HEAD}\na,anna@example.com,free\n")) == {}


def test_a_trial_a_free_member_and_those_who_have_left(catalogue):
    job = brought_in(
        "memberships",
        f"{HEAD},state,trial_end,ended_on\n"
        "a,anna@example.com,premium,trialing,2026-03-20,\n"
        "b,bram@example.com,free,,,\n"
        "c,cleo@example.com,premium,cancelled,,2025-12-31\n"
        "d,dirk@example.com,premium,expired,,2025-12-31\n",
    )
    assert wrong(job) == {}
    rows = Membership.objects.order_by("pk").values_list(
        "state", "period_end", "trial_end__day", "ended_at__year"
    )
    assert list(rows) == [
        ("trialing", None, 20, None), ("active", None, None, None), ("cancelled", None, None, 2025),
        ("expired", None, None, 2025),
    ]  # fmt: skip
    assert list(Customer.objects.order_by("pk").values_list("trial_used", flat=True)) == [
        True,
        False,
        False,
        False,
    ]
    assert RecurringAmount.objects.count() == 0
    assert list(what_is_wrong(now=MARCH_12)) == []


def test_a_customer_who_is_here_keeps_account_and_details(world, catalogue):
    anna = world.signs_up("anna", catalogue.free, now=MARCH_12)
    Customer.objects.update(company="Anna BV")
    brought_in(
        "memberships",
        f"{HEAD},company,next_renewal\na,ANNA@example.com,premium,Another,2026-04-01\nb,anna@example.com,premium,,2026-04-02\n",
    )
    assert list(Customer.objects.values_list("company", "memberships__state")) == [("Anna BV", "active")] * 3
    assert User.objects.get(pk=anna.customer.user_id).has_usable_password()


def test_a_check_leaves_nothing_behind(catalogue):
    columns, values = "price,next_renewal,site_name,site_address,wallet", "25,2026-04-01,Anna,anna,5"
    text = f"{HEAD},{columns}\na,anna@example.com,premium,{values}\n"
    assert states(checked("memberships", text)) == [(2, "right")]
    left: list[Any] = [Membership, Customer, Site, WalletEntry, ImportedMembership, RecurringAmount]
    assert {model.objects.count() for model in left} == {0}
    assert not Price.objects.filter(amount=2500).exists()


@pytest.mark.parametrize(
    ("columns", "values", "errors"),
    [
        ("next_renewal", "", {"next_renewal": ["Say until when it is paid: it is billed then."]}),
        ("next_renewal", "2026-03-12 09:00",
         {"next_renewal": ["This has gone by. Write the day on which the next bill is due."]}),
        ("next_renewal", "31-12-2026", {"next_renewal": [A_DAY]}),
        ("next_renewal", "2026-02-30", {"next_renewal": [A_DAY]}),
        ("next_renewal,interval", "2026-04-01,week",
         {"price": ["The plan has no price for this interval and currency. Say what they pay."]}),
        ("next_renewal,currency", "2026-04-01,USD",
         {"price": ["The plan has no price for this interval and currency. Say what they pay."]}),
        ("next_renewal,packages", "2026-04-01,extra-disk 0",
         {"packages": [("“extra-disk 0” is not understood. Write codes, each once, with a number behind it:"
                       " extra-disk 2.")]}),
        ("next_renewal,packages", "2026-04-01,site-design", {"packages": ["There is no package “site-design”."]}),
        ("next_renewal,packages,interval", "2026-04-01,extra-disk,year",
         {"packages": ["“extra-disk” has no price for this interval and currency."]}),
        ("next_renewal,wallet", "2026-04-01,-5", {"wallet": ["Write an amount such as 30 or 29.95."]}),
        ("next_renewal,wallet", "2026-04-01,5.001", {"wallet": ["An amount in EUR has at most 2 decimals."]}),
        ("next_renewal,country", "2026-04-01,XX",
         {"country": ["There is no such country. Write its two letters, such as NL."]}),
        ("next_renewal,country,vat_number", "2026-04-01,NL,NL1",
         {"vat_number": ["This is not a VAT number of the country."]}),
        ("next_renewal,language", "2026-04-01,tlh", {"language": ["The network does not speak this language."]}),
        ("next_renewal,state", "2026-04-01,pending", {"state": ["Write active, trialing, cancelled or expired."]}),
        ("next_renewal,ended_on", "2026-04-01,2026-01-01",
         {"ended_on": ["This is for memberships that have ended. Leave it empty."]}),
        ("state,next_renewal", "cancelled,2026-04-01",
         {"ended_on": ["Say since when it has ended."],
          "next_renewal": ["This is for memberships that go on. Leave it empty."]}),
        ("state", "trialing", {"trial_end": ["Say when the trial ends."]}),
        ("next_renewal,member_since", "2026-04-01,2026-04-01", {"member_since": ["This is still to come."]}),
        ("next_renewal,period_start", "2026-04-01,2026-04-02",
         {"period_start": ["The period must begin before the next renewal."]}),
        ("next_renewal,site_name", "2026-04-01,Anna", {"site_address": ["A site needs a name and an address."]}),
        ("next_renewal,site_name,site_address", "2026-04-01,Anna,admin",
         {"site_address": ["This address is kept for the network. Choose another."]}),
        ("next_renewal,site_name,site_address,domains", "2026-04-01,Anna,anna,https://x",
         {"domains": ["Enter the name alone: no https://, no port, no path."]}),
    ],
)  # fmt: skip
def test_a_row_that_is_wrong_is_refused_at_its_column(catalogue, columns, values, errors):
    job = brought_in("memberships", f"{HEAD},{columns}\na,anna@example.com,premium,{values}\n")
    assert wrong(job) == {2: errors}
    assert (Membership.objects.count(), User.objects.count(), Site.objects.count()) == (0, 0, 0)


def test_a_free_plan_has_no_renewal_and_its_limits_hold(catalogue):
    job = checked(
        "memberships",
        f"{HEAD},next_renewal,site_name,site_address,domains\n"
        "a,anna@example.com,free,2026-04-01,,,\n"
        "b,bram@example.com,free,,Bram,bram,www.bram.example.com\n",
    )
    assert wrong(job) == {
        2: {"next_renewal": ["What costs nothing is not renewed. Leave it empty."]},
        3: {"domains": ["You have used 0 of the 0 custom domains in your plan."]},
    }


def test_what_only_one_line_may_say_is_refused_in_the_second(catalogue):
    job = checked(
        "memberships",
        f"{HEAD},next_renewal,site_name,site_address\n"
        "a,anna@example.com,premium,2026-04-01,Anna,anna\n"
        "A,bram@example.com,premium,2026-04-01,Bram,bram\n"
        "c,cleo@example.com,premium,2026-04-01,Cleo,Anna\n",
    )
    assert wrong(job) == {
        3: {"reference": ["Line 2 has the same. Leave one of them out."]},
        4: {"site_address": ["Line 2 has the same. Leave one of them out."]},
    }


def test_the_same_reference_in_another_file_is_here_already(catalogue):
    text = f"{HEAD},next_renewal\na,anna@example.com,premium,2026-04-01\n"
    brought_in("memberships", text)
    again = brought_in("memberships", text + "b,bram@example.com,premium,2026-04-01\n")
    assert states(again) == [(2, "known"), (3, "done")]
    assert Membership.objects.count() == 2
    assert again.rows.get(line=2).membership == Membership.objects.order_by("pk").first()


def rows_of(count: int) -> str:
    lines = (f"m{number},m{number}@example.com,premium,2026-04-01" for number in range(count))
    return "\n".join([f"{HEAD},next_renewal", *lines])


def test_a_worker_that_dies_leaves_whole_rows_and_another_goes_on(catalogue, monkeypatch):
    job = checked("memberships", rows_of(5))
    run_import(job=job, now=MARCH_12)
    settled: list[int] = []

    def dies(row, *args, **kwargs):
        if len(settled) == 3:
            raise SystemExit  # as after a kill: whatever was not committed is gone
        settled.append(row.line)
        return settle(row, *args, **kwargs)

    settle = working._settle
    monkeypatch.setattr(working, "_settle", dies)
    with pytest.raises(SystemExit):
        work_on(job_id=job.pk, clock=clock)
    assert [state for _line, state in states(job)] == ["done", "done", "done", "right", "right"]
    assert Membership.objects.count() == 3
    monkeypatch.undo()
    work_on(job_id=job.pk, clock=clock)
    work_on(job_id=job.pk, clock=clock)
    job.refresh_from_db()
    assert (job.state, Membership.objects.count()) == ("done", 5)


def test_a_stopped_import_keeps_what_it_has_and_goes_on_when_asked(catalogue, monkeypatch):
    job = checked("memberships", rows_of(3))
    run_import(job=job, now=MARCH_12)
    settle = working._settle

    def stopped_after_one(row, *args, **kwargs):
        stop_import(job=job)
        return settle(row, *args, **kwargs)

    monkeypatch.setattr(working, "_settle", stopped_after_one)
    work_on(job_id=job.pk, clock=clock)
    job.refresh_from_db()
    assert (job.state, Membership.objects.count()) == ("checked", 1)
    monkeypatch.undo()
    assert run_import(job=job, now=MARCH_12)
    assert not run_import(job=job, now=MARCH_12)  # pressed twice
    work_on(job_id=job.pk, clock=clock)
    assert ImportJob.objects.get().state == "done"
    assert Membership.objects.count() == 3


def test_an_import_asked_for_while_its_check_ends_does_not_wait_for_the_sweep(catalogue, monkeypatch):
    lines = read_csv(rows_of(3).encode(), kind="memberships")
    job = begin_import(kind="memberships", file_name="f", lines=lines, asked_by=None, now=MARCH_12)
    check = working._check

    def asked_for_at_once(job, clock):
        check(job, clock)
        assert run_import(job=job, now=MARCH_12)  # whoever is told to do it now finds this one at work

    monkeypatch.setattr(working, "_check", asked_for_at_once)
    work_on(job_id=job.pk, clock=clock)
    assert ImportJob.objects.get().state == "done"
    assert Membership.objects.count() == 3


def test_a_row_that_nobody_foresaw_keeps_no_other_waiting(catalogue, monkeypatch):

    def surprised(row, **kwargs):
        if row.line == 2:
            raise LookupError
        return attempt(row, **kwargs)

    monkeypatch.setattr(working, "attempt", surprised)
    job = brought_in("memberships", rows_of(2))
    assert wrong(job) == {2: {"reference": ["This row cannot be brought in."]}}
    assert Membership.objects.count() == 1
