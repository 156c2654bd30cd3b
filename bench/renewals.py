"""Renewals: so many memberships due on one day, billed by one worker, the gateway aside."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from time import perf_counter, process_time
from typing import Any, Final
from unittest.mock import patch

from django.conf import settings
from django.db import connection, connections, transaction

from accounts.models import User
from bench.measure import Figure, Goal, Line, Row
from bench.servers import SESSION_STATEMENT, Servers
from checkout.operations import due
from checkout.operations.renew import renew_all
from memberships.billing import choose
from memberships.billing.gateway import Charge, Confirmation
from memberships.billing.rehearsal import CardBehaviour, RehearsalGateway
from memberships.models import Customer, Invoice, InvoiceLine, Membership, MembershipItem, PaymentMethod
from products.models import Product
from tests.factories.catalogue import MONTH, product

MEMBERS: Final = int(os.environ.get("BENCH_MEMBERS", "1000"))
LEAST_A_SECOND: Final = 200
MOST_MEGABYTES_MORE: Final = 10
MARCH_1, APRIL_1 = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)


class Instantly(RehearsalGateway):
    """A gateway that says yes at once and forgets it."""

    def confirm_charge(self, confirmation: Confirmation) -> Charge:
        try:
            return super().confirm_charge(confirmation)
        finally:
            del self.charges[confirmation.ref]


def measure(_servers: Servers) -> Figure:
    plan = product("renewals", prices={MONTH: 3000})
    package = product("renewals-package", type=Product.Type.PACKAGE, prices={MONTH: 500})
    _members(MEMBERS + 2 * due.SIZE, [plan, package])  # one batch warms up, one is counted
    gateway = Instantly(instead_of=choose.network_gateway(), card=CardBehaviour.WORKS)
    with patch.object(choose, "network_gateway", lambda: gateway):
        batches = due.memberships_to_renew(now=APRIL_1)
        renew_all(membership_ids=next(batches), now=APRIL_1)
        with _counting() as statements:
            renew_all(membership_ids=next(batches), now=APRIL_1)
        before, started = _megabytes(), process_time()
        seconds = [_seconds(batch) for batch in batches]
        more, busy = _megabytes() - before, process_time() - started
    assert not Membership.objects.due_for_renewal(at=APRIL_1).exists(), "somebody was not renewed"
    connections.close_all()
    rate = Line(what="memberships", unit="/s", blocks=[[due.SIZE / each for each in seconds]])
    return Figure(
        title=f"{MEMBERS:,} memberships due on one day, one worker, the gateway aside",
        settings=[
            f"batches of {due.SIZE}; a plan and a package each; a gateway in this process that says yes at once",
            "order, payment, attempt, invoice, history and mail written down, the mail's task put into the queue",
        ],
        rows=[
            Row(ours=rate, goal=Goal(least=LEAST_A_SECOND)),
            Row(ours=_each("processor time of a membership", "ms", busy * 1000 / (due.SIZE * len(seconds)))),
            Row(ours=_each("statements of a membership", "", statements.total() / due.SIZE)),
            Row(ours=_each("memory more at the end", "MB", more), goal=Goal(most=MOST_MEGABYTES_MORE)),
        ],
    )


def _each(what: str, unit: str, value: float) -> Line:
    return Line(what=what, unit=unit, blocks=[[value]])


def _seconds(batch: Sequence[int]) -> float:
    started = perf_counter()
    renew_all(membership_ids=batch, now=APRIL_1)
    return perf_counter() - started


@contextmanager
def _counting() -> Iterator[Counter[str]]:
    """Statements by their first word, without those about the transaction."""
    seen: Counter[str] = Counter()

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001 -- Django's hook
        if not SESSION_STATEMENT.match(sql):
            seen[sql.split(maxsplit=1)[0]] += 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        yield seen


def _megabytes() -> float:
    """What this process holds in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@transaction.atomic
def _members(number: int, sold: Sequence[Product]) -> None:
    """Members who paid for March and have a saved card."""
    names = [f"renewal-{n}@example.com" for n in range(number)]
    users = User.objects.bulk_create(User(email=name, name=name, language="en") for name in names)
    customers = Customer.objects.bulk_create(
        Customer(user=user, gateway_ref=f"cus_{user.email}") for user in users
    )
    PaymentMethod.objects.bulk_create(
        PaymentMethod(
            customer=customer, gateway_ref=f"pm_{customer.gateway_ref}", brand="visa", last4="4242", exp_month=1,
            exp_year=2040, is_default=True, created_at=MARCH_1,
        )
        for customer in customers
    )  # fmt: skip
    memberships = Membership.objects.bulk_create(
        Membership(
            customer=customer, state=Membership.State.ACTIVE, currency=settings.CURRENCY, anchor=MARCH_1,
            period_start=MARCH_1, period_end=APRIL_1, created_at=MARCH_1, activated_at=MARCH_1,
        )
        for customer in customers
    )  # fmt: skip
    prices = {each.pk: each.prices.get() for each in sold}
    item_of = partial(MembershipItem, added_at=MARCH_1)
    items = MembershipItem.objects.bulk_create(
        item_of(membership=membership, product=each, price=prices[each.pk], unit_price=prices[each.pk].amount)
        for membership in memberships
        for each in sold
    )
    _paid(memberships, items)


def _paid(memberships: Sequence[Membership], items: Sequence[MembershipItem]) -> None:
    """The bills of March, as if they had been paid from the wallet."""
    net = sum(item.unit_price for item in items) // len(memberships)
    invoices = Invoice.objects.bulk_create(
        Invoice(
            number=f"bench-{membership.pk}", membership=membership, reference=f"bench-{membership.pk}", kind="new",
            currency=membership.currency, net=net, tax=0, wallet_used=net, due=0, customer_name="",
            issued_at=MARCH_1,
        )
        for membership in memberships
    )  # fmt: skip
    invoice_of = {invoice.membership_id: invoice for invoice in invoices}
    InvoiceLine.objects.bulk_create(
        InvoiceLine(
            invoice=invoice_of[item.membership_id], item=item, product=item.product, type="charge",
            description=item.product.name, gross=item.unit_price, net=item.unit_price, tax=0,
            covers_start=MARCH_1, covers_end=APRIL_1,
        )
        for item in items
    )  # fmt: skip
