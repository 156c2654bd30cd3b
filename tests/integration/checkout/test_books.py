"""`check_books` finds nothing where all is well, and names each fault that is planted."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_tenants.utils import tenant_context

from checkout import tasks
from checkout.operations.books import CHECKS, what_is_wrong
from memberships.models import Membership
from products.limits import Kind
from products.models import ProductLimit
from sites.content.models import SiteLimit
from sites.models import Site
from sites.operations import apply_entitlements
from tests.factories.busy import AFTERWARDS, busy_world
from tests.factories.catalogue import product

pytestmark = pytest.mark.django_db


@pytest.fixture
def member(world, catalogue, staff) -> dict[str, Membership]:
    return busy_world(world, catalogue, staff)


def codes() -> list[str]:
    return sorted({finding.code for finding in what_is_wrong(now=AFTERWARDS)})


@dataclass(frozen=True, kw_only=True)
class Fault:
    """SQL that plants it, past whatever constraint forbids it, and the findings that it must lead to, no others."""

    sql: str
    found: Sequence[str]
    without: str = ""


ALICE = "(SELECT m.id FROM memberships_membership m JOIN memberships_customer c ON c.id = m.customer_id"
ALICE += " JOIN accounts_user u ON u.id = c.user_id WHERE u.email = 'alice@example.com')"
BOB = ALICE.replace("alice", "bob")
UPGRADE = f"(SELECT id FROM checkout_order WHERE membership_id = {ALICE} AND kind = 'upgrade')"
UPGRADE_PAYMENT = f"(SELECT payment_id FROM checkout_order WHERE id = {UPGRADE})"
UPGRADE_INVOICE = f"(SELECT id FROM memberships_invoice WHERE payment_id = {UPGRADE_PAYMENT})"
LAST_INVOICE = "(SELECT max(id) FROM memberships_invoice)"

FAULTS = {
    "a day whose documents were never added up": Fault(
        sql="INSERT INTO checkout_invoiceduntil (day, documents)"
        " SELECT '2100-01-01', count(*) FROM memberships_invoice",
        found=["day_of_invoices"],
    ),
    "an order that is paid and still open": Fault(
        sql=f"UPDATE checkout_order SET state = 'open', settled_at = NULL WHERE id = {UPGRADE}",
        found=["change_without_order", "invoice_without_order", "paid_not_applied"],
    ),
    "a payment that belongs to no order": Fault(
        sql="INSERT INTO memberships_payment (uid, membership_id, reference, amount, currency, purpose, state,"
        " captured, created_at, settled_at, failed_tries) SELECT gen_random_uuid(), membership_id, 'RF00', 5, 'EUR',"
        f" 'x', 'paid', 5, created_at, settled_at, 0 FROM memberships_payment WHERE id = {UPGRADE_PAYMENT}",
        found=["paid_by_nothing", "paid_not_applied"],
    ),
    "an order due nothing that was never applied": Fault(
        sql="UPDATE checkout_order SET state = 'open', settled_at = NULL WHERE payment_id IS NULL"
        " AND kind = 'downgrade' AND state = 'fulfilled'",
        found=["change_without_order", "free_not_applied"],
    ),
    "an order applied while its payment is closed": Fault(
        sql=f"UPDATE memberships_payment SET state = 'closed', captured = 0 WHERE id = {UPGRADE_PAYMENT}",
        found=["applied_unpaid", "invoice_unpaid"],
    ),
    "an order applied for less than was promised": Fault(
        sql=f"UPDATE memberships_payment SET amount = 1, captured = 1 WHERE id = {UPGRADE_PAYMENT}",
        found=["applied_unpaid", "invoice_unpaid"],
    ),
    "an invoice that is gone": Fault(
        sql=f"DELETE FROM memberships_invoiceline WHERE invoice_id = {UPGRADE_INVOICE};"
        f"DELETE FROM memberships_invoice WHERE id = {UPGRADE_INVOICE}",
        found=["invoice_numbers", "order_without_invoice", "period_not_billed"],
    ),
    "an invoice for less than was promised": Fault(
        sql=f"UPDATE memberships_invoice SET net = net - 1, due = due - 1 WHERE id = {UPGRADE_INVOICE}",
        found=["invoice_differs_from_order", "invoice_lines", "invoice_unpaid"],
    ),
    "an invoice for an order that nobody placed": Fault(
        sql=f"UPDATE memberships_invoice SET reference = 'order-none' WHERE id = {UPGRADE_INVOICE}",
        found=["invoice_without_order", "order_without_invoice"],
    ),
    "a change that the history does not tell of": Fault(
        sql=f"DELETE FROM memberships_transition WHERE membership_id = {ALICE} AND kind = 'upgrade'",
        found=["order_without_change"],
    ),
    "a change told of an order that was not applied": Fault(
        sql="UPDATE memberships_transition SET reference = 'order-none'"
        f" WHERE membership_id = {ALICE} AND kind = 'upgrade'",
        found=["change_without_order", "order_without_change"],
    ),
    "an order undone whose bill stands": Fault(
        sql=f"UPDATE checkout_order SET state = 'undone', undone_at = settled_at WHERE id = {UPGRADE}",
        found=["undone_by_half"],
    ),
    "a payment whose try failed": Fault(
        sql="UPDATE memberships_attempt SET state = 'failed' WHERE state = 'succeeded'"
        f" AND payment_id = {UPGRADE_PAYMENT}",
        found=["paid_by_nothing"],
    ),
    "a try that succeeded while the payment is open": Fault(
        sql="UPDATE memberships_attempt SET state = 'succeeded' WHERE id = (SELECT max(a.id) FROM memberships_attempt a"
        " JOIN memberships_payment p ON p.id = a.payment_id WHERE p.state = 'open')",
        found=["succeeded_for_nothing"],
    ),
    "a transfer whose receipts are gone": Fault(
        sql="DELETE FROM memberships_receipt",
        found=["transfer_without_receipts"],
    ),
    "a receipt that nobody booked": Fault(
        sql="INSERT INTO memberships_receipt (payment_id, amount, received_at, bank_reference, created_at)"
        " SELECT payment_id, 100, received_at, 'more', created_at FROM memberships_receipt LIMIT 1",
        found=["receipts_not_booked"],
    ),
    "more given back than was taken": Fault(
        sql="UPDATE memberships_refund SET amount = 999999 WHERE amount = 1000",
        found=["given_back_by_nothing", "refund_not_booked", "refunded_too_much"],
    ),
    "a refund without its credit note": Fault(
        sql="UPDATE memberships_refund SET credit_note_id = NULL WHERE amount = 1000",
        found=["given_back_by_nothing", "refund_not_booked"],
    ),
    "a refund that the bank sent back, and nobody has the money": Fault(
        sql="UPDATE memberships_refund SET state = 'failed' WHERE amount = 1000", found=["refund_lost"]
    ),
    "a refund that was never sent": Fault(
        sql="UPDATE memberships_refund SET state = 'started', settled_at = NULL WHERE amount = 1000",
        found=["refund_not_sent"],
    ),
    "an invoice number that is missing": Fault(
        sql=f"UPDATE memberships_invoice SET number = '2026-99999' WHERE id = {LAST_INVOICE}",
        found=["invoice_numbers"],
    ),
    "a counter that runs ahead": Fault(
        sql="UPDATE memberships_invoicecounter SET last = last + 1", found=["invoice_numbers"]
    ),
    "lines that do not make their invoice": Fault(
        sql=f"UPDATE memberships_invoiceline SET tax = tax + 1 WHERE invoice_id = {LAST_INVOICE}",
        found=["invoice_lines"],
    ),
    "an invoice taken back twice": Fault(
        sql="UPDATE memberships_invoice SET net = net * 9, refunded = 0, wallet_added = -(net * 9 + tax)"
        " WHERE corrects_id IS NOT NULL AND kind = 'refund' AND refunded = 1000",
        found=["invoice_lines", "refund_not_booked", "taken_back_too_much", "wallet_not_moved"],
    ),
    "a line taken back twice": Fault(
        sql="UPDATE memberships_invoiceline SET net = net * 9 WHERE corrects_id IS NOT NULL AND id ="
        " (SELECT max(id) FROM memberships_invoiceline WHERE corrects_id IS NOT NULL)",
        found=["invoice_lines", "line_taken_back_too_much"],
    ),
    "money in the wallet from nowhere": Fault(
        sql="INSERT INTO memberships_walletentry (membership_id, amount, reason, note, reference, created_at)"
        f" VALUES ({ALICE}, 100, 'change_credit', '', 'nowhere', now())",
        found=["wallet_entry_without_cause"],
    ),
    "an adjustment without a reason": Fault(
        sql="UPDATE memberships_walletentry SET note = '' WHERE reason = 'adjustment'",
        found=["wallet_entry_without_cause"],
    ),
    "a late payment credited twice over": Fault(
        sql="UPDATE memberships_walletentry SET amount = amount * 2 WHERE reason = 'late_payment'",
        found=["wallet_entry_without_cause"],
    ),
    "an entry that is gone": Fault(
        sql="DELETE FROM memberships_walletentry WHERE reason = 'used'", found=["wallet_not_moved"]
    ),
    "unused time that the wallet was not given": Fault(
        sql="INSERT INTO memberships_invoice (uid, number, type, corrects_id, membership_id, reference, kind,"
        " came_from, went_to, currency, net, tax, wallet_used, wallet_added, refunded, due, reverse_charge,"
        " seller_name, seller_details, customer_name, customer_details, issued_at) SELECT gen_random_uuid(),"
        " '2025-00001', 'credit_note', id, membership_id, 'unused-x-' || number, 'cancellation', '', '', currency,"
        " -1, 0, 0, 1, 0, 0, false, '', '', '', '', issued_at FROM memberships_invoice"
        f" WHERE id = {UPGRADE_INVOICE}",
        found=["invoice_lines", "invoice_numbers", "unused_time_not_credited"],
    ),
    "a period that was never billed": Fault(
        sql="UPDATE memberships_invoiceline SET covers_start = covers_start + interval '5 days'"
        f" WHERE invoice_id = {UPGRADE_INVOICE} AND type = 'charge';"
        "UPDATE memberships_membershipitem SET ended_at = ended_at + interval '20 days'"
        f" WHERE membership_id = {ALICE} AND ended_at IS NOT NULL;"
        "UPDATE memberships_invoiceline SET covers_end = covers_end - interval '15 days' WHERE type = 'charge'"
        f" AND invoice_id = (SELECT min(id) FROM memberships_invoice WHERE membership_id = {ALICE})",
        found=["period_gap"],
    ),
    "a period that goes beyond what was billed": Fault(
        sql=f"UPDATE memberships_membership SET period_end = period_end + interval '1 month' WHERE id = {ALICE}",
        found=["period_not_billed"],
    ),
    "a period that ended with nobody noticing": Fault(
        sql="UPDATE memberships_membership SET period_end = '2026-02-12 10:59Z', trial_end = NULL"
        f" WHERE id = {ALICE}; UPDATE memberships_invoiceline SET covers_end = '2026-02-12 10:59Z' WHERE item_id IN"
        f" (SELECT id FROM memberships_membershipitem WHERE membership_id = {ALICE} AND ended_at IS NULL)",
        found=["renewal_missed"],
    ),
    "an overdue membership with nothing to pay": Fault(
        sql="UPDATE checkout_order SET state = 'cancelled', settled_at = now() WHERE state = 'open'",
        found=["overdue_without_bill"],
    ),
    "a membership without a plan": Fault(
        sql=f"UPDATE memberships_membershipitem SET ended_at = now() WHERE membership_id = {BOB}",
        found=["period_not_billed", "plans", "recurring_amount"],
    ),
    "a code in force for no more periods": Fault(
        sql="UPDATE memberships_discountuse SET terms = jsonb_set(terms, '{periods_left}', '0') WHERE state = 'live'",
        found=["discount_used_up"],
    ),
    "revenue that nobody brings": Fault(
        sql="INSERT INTO memberships_recurringamount (membership_id, currency, plan_id, movement, delta, amount, at,"
        " reference) SELECT membership_id, currency, plan_id, 'expansion', 1, amount + 1, at, ''"
        f" FROM memberships_recurringamount WHERE membership_id = {ALICE} ORDER BY id DESC LIMIT 1",
        found=["recurring_amount"],
    ),
    "a change of revenue that is gone": Fault(
        sql=f"DELETE FROM memberships_recurringamount WHERE membership_id = {ALICE} AND movement = 'new'",
        found=["recurring_amount"],
    ),
    "a use of a code kept for nothing": Fault(
        sql="UPDATE memberships_discountuse SET state = 'reserved', settled_at = NULL WHERE state = 'released'",
        found=["code_held_for_nothing"],
    ),
}
CONSTRAINTS = """
    SELECT conrelid::regclass::text, conname FROM pg_constraint
    WHERE contype = 'c' AND conrelid::regclass::text IN ('memberships_invoice', 'memberships_payment',
          'memberships_membership', 'memberships_refund', 'checkout_order', 'memberships_membershipitem')
"""


@contextmanager
def planted(fault: Fault) -> Iterator[None]:
    """The fault, in place for the block: past triggers, foreign keys and checks, which would have refused it."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET LOCAL session_replication_role = replica")
        cursor.execute(CONSTRAINTS)
        for table, name in cursor.fetchall():
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        cursor.execute(fault.sql)
        yield
        transaction.set_rollback(True)


def test_the_books_of_a_busy_world_are_in_order_and_each_fault_in_them_is_named(member):
    assert [str(finding) for finding in what_is_wrong(now=AFTERWARDS)] == []
    found = {}
    for name, fault in FAULTS.items():
        with planted(fault):
            found[name] = codes()
    assert found == {name: sorted(fault.found) for name, fault in FAULTS.items()}
    assert codes() == []


def test_each_check_has_a_fault_that_it_finds():
    named = {code for fault in FAULTS.values() for code in fault.found}
    assert named == {check.code for check in CHECKS} - {"entitlements"}


def test_the_command_names_what_it_finds_and_ends_with_1(world, catalogue):
    world.signs_up("alice", catalogue.premium, now=timezone.now())
    out, err = StringIO(), StringIO()
    call_command("check_books", stdout=out, stderr=err)
    assert (out.getvalue(), err.getvalue()) == ("The books are in order.\n", "")
    with planted(FAULTS["a counter that runs ahead"]):
        out = StringIO()
        with pytest.raises(SystemExit) as ended:
            call_command("check_books", stdout=out, stderr=err)
        assert ended.value.code == 1
        year = timezone.now().year
        assert out.getvalue() == (
            f"invoice_numbers: year {year}: 1 invoices, the highest number is 1, the counter says 2; missing: 2.\n"
        )
        assert err.getvalue() == "1 findings.\n"
        out = StringIO()
        with pytest.raises(SystemExit):
            call_command("check_books", "--json", stdout=out, stderr=err)
        said = json.loads(out.getvalue())
        assert (said["code"], said["subject"]) == ("invoice_numbers", f"year {year}")


def test_the_schedule_logs_what_is_found(world, catalogue, caplog):
    world.signs_up("alice", catalogue.premium, now=timezone.now())
    tasks.check_books()
    assert "the books" not in caplog.text
    with planted(FAULTS["a counter that runs ahead"]):
        tasks.check_books()
    assert f"the books: invoice_numbers: year {timezone.now().year}: 1 invoices" in caplog.text


def test_the_number_of_statements_does_not_grow_with_the_memberships(db, world, catalogue):
    def statements() -> int:
        with CaptureQueriesContext(connection) as asked:
            list(what_is_wrong(now=AFTERWARDS))
        return len(asked)

    before = statements()
    for n in range(3):
        world.signs_up(f"member-{n}", catalogue.free, now=AFTERWARDS)
    assert statements() == before


def test_sites_are_held_against_their_memberships(site_a, site_b):
    def said() -> list[tuple[str, str]]:
        found = what_is_wrong(now=timezone.now())
        return [(finding.code, finding.subject) for finding in found]

    assert said() == []
    alpha, bravo = f"site {site_a.uid}", f"site {site_b.uid}"
    ProductLimit.objects.filter(product__items__membership=site_a.membership, kind=Kind.POSTS).update(
        amount=9
    )
    assert said() == [("entitlements", alpha)]
    apply_entitlements(site_id=site_a.pk, now=timezone.now())
    assert said() == []
    with tenant_context(site_b):
        SiteLimit.objects.filter(kind=Kind.POSTS).update(allowed=99)
    assert said() == [("limits_in_force", bravo)]
    Site.objects.filter(pk=site_a.pk).update(access=Site.Access.NOTICE)
    assert said() == [("access", alpha), ("limits_in_force", bravo)]
    Site.objects.filter(pk=site_b.pk).update(schema_name=f"site_{'0' * 32}")
    assert said() == [("access", alpha), ("schema", bravo)]


def test_a_package_counts_as_often_as_it_is_had_and_unlimited_is_more_than_any_number(site_a):
    package = product(
        "more", type="package", prices={"month": 0}, limits={Kind.POSTS: 5, Kind.DISK: None, Kind.USERS: 0}
    )
    site_a.membership.items.create(
        product=package, price=package.prices.get(), unit_price=0, quantity=3, added_at=AFTERWARDS
    )
    apply_entitlements(site_id=site_a.pk, now=timezone.now())
    assert list(what_is_wrong(now=timezone.now())) == []
