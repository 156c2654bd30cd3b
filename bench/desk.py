"""The desk of a large network: its dashboard, and its lists, with so many memberships and sites."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from time import perf_counter
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import Field, Model, UUIDField
from django.test import Client as Browser

from accounts.models import User
from bench.measure import Figure, Goal, Line, Row
from bench.servers import Servers
from checkout.models import Order, Quote
from checkout.operations.figures.days import sum_days
from checkout.operations.figures.window import LENGTHS
from memberships.models import (
    Customer,
    InboundEvent,
    Invoice,
    InvoiceLine,
    Membership,
    MembershipItem,
    Notice,
    Payment,
    RecurringAmount,
    WalletEntry,
)
from sites.models import Domain, Site
from tests.factories.catalogue import MONTH, product
from tests.integration.products.desk_rows import full_membership

MEMBERS: Final = int(os.environ.get("BENCH_DESK_MEMBERS", "100000"))
BILLS_EACH: Final = 8  # over three years
PLANS: Final = 5
TIMES: Final = 5
MOST_MILLISECONDS: Final = 1000
FIRST: Final = 1_000_000  # the number of the first row that is copied, in every table
LISTS: Final = (
    *(User, Customer, Membership, Site, Domain, Order, Payment, Invoice, WalletEntry, InboundEvent, Notice),
    Quote,
)


def measure(_servers: Servers) -> Iterator[Figure]:
    now = datetime.now(tz=UTC)
    _network(now)
    started = perf_counter()
    sum_days(now=now)
    summing = perf_counter() - started
    browser = Browser(SERVER_NAME="localhost")
    browser.force_login(User.objects.create_superuser(email="bench@network.example"))
    goal = Goal(most=MOST_MILLISECONDS)
    made = [
        f"{MEMBERS:,} memberships of three years, as many sites, {BILLS_EACH * MEMBERS:,} invoices of a line"
    ]
    rows = [
        Row(
            ours=_page(browser, f"the dashboard of {count} {step.value}s", f"/admin/?period={step}"),
            goal=goal,
        )
        for step, count in LENGTHS.items()
    ]
    took = Line(what="adding up the days of three years", unit="s", blocks=[[summing]])
    yield Figure(title="The dashboard of a large network", settings=made, rows=[*rows, Row(ours=took)])
    lists = [Row(ours=_page(browser, *_list(model)), goal=goal) for model in LISTS]
    yield Figure(title="The lists of a large network", settings=made, rows=lists)


def _list(model: type[Model]) -> tuple[str, str]:
    where = f"/admin/{model._meta.label_lower.replace('.', '/')}/"  # noqa: SLF001 -- Django's public API
    return f"{model._default_manager.count():,} {model._meta.verbose_name_plural}", where  # noqa: SLF001 -- see above


def _page(browser: Browser, what: str, path: str) -> Line:
    def milliseconds() -> float:
        started = perf_counter()
        assert browser.get(path).status_code == 200
        return (perf_counter() - started) * 1000

    milliseconds()  # warms up
    return Line(what=what, unit="ms", blocks=[[milliseconds() for _ in range(TIMES)]])


@transaction.atomic
def _network(now: datetime) -> None:
    """One customer with all that belongs to them, and copies of them. Triggers are off: they would tell of each row."""
    plans = [product(f"desk-{number}", prices={MONTH: 1000 * number}) for number in range(1, PLANS + 1)]
    full_membership(1, plan=plans[0])
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
    of_plan = f"{plans[0].pk} + n %% {PLANS}"
    each, bill = f"{FIRST} + n", f"{FIRST} + (n - 1) / {BILLS_EACH} + 1"
    at = f"TIMESTAMPTZ '{now.isoformat()}' - (n %% 1095) * INTERVAL '1 day'"
    _copy(User, MEMBERS, email="'member' || n || '@example.com'", name="'Member ' || n")
    _copy(Customer, MEMBERS, user=each, gateway_ref="''")
    _copy(Membership, MEMBERS, customer=each, created_at=at)
    _copy(MembershipItem, MEMBERS, membership=each, product=of_plan)
    usage = "jsonb_build_object('posts', n %% 84, 'disk', (n %% 4200) * 1048576::bigint, 'visits', n %% 9000)"
    site = {"slug": "'member-' || n", "schema_name": "'site_' || md5(n::text)", "usage": usage}
    _copy(Site, MEMBERS, membership=each, created_at=at, **site)
    _copy(Domain, MEMBERS, tenant=each, domain="'member-' || n || '.example.com'")
    _copy(Payment, BILLS_EACH * MEMBERS, membership=bill, created_at=at)
    own = "'bench-' || n"
    _copy(
        Invoice,
        BILLS_EACH * MEMBERS,
        membership=bill,
        payment=each,
        issued_at=at,
    )
    _copy(InvoiceLine, BILLS_EACH * MEMBERS, invoice=each, product=of_plan, item=bill)
    _copy(Quote, MEMBERS, membership=each)
    _copy(Order, MEMBERS, membership=each, quote=each, payment=each)
    _copy(WalletEntry, MEMBERS, membership=each, reference=own)
    _copy(Notice, MEMBERS, membership=each, reference=own)
    _copy(InboundEvent, MEMBERS, external_id=own)
    RecurringAmount.objects.create(
        membership=Membership.objects.get(pk=FIRST + 1), plan=plans[0], movement="new", currency="EUR",
        delta=1000, amount=1000, at=now,
    )  # fmt: skip
    _copy(RecurringAmount, MEMBERS, membership=each, plan=of_plan, at=at)
    expanded = {"movement": "'expansion'", "amount": "2000"}
    _copy(
        RecurringAmount,
        MEMBERS // 2,
        FIRST + MEMBERS,
        membership=f"{FIRST} + n",
        plan=of_plan,
        at=at,
        **expanded,
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _copy(model: type[Model], count: int, first: int = FIRST, /, **expressions: str) -> None:
    """`count` rows like the first one, the `n`th with the number `first` + n; `expressions` are SQL, by field."""
    fields = model._meta.concrete_fields  # noqa: SLF001 -- Django's public API
    columns = ", ".join(f'"{field.column}"' for field in fields)
    values = ", ".join(_value(field, first, expressions) for field in fields)
    table = model._meta.db_table  # noqa: SLF001 -- see above
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({columns}) SELECT {values}"
            f" FROM (SELECT * FROM {table} ORDER BY id LIMIT 1) AS row, generate_series(1, %s) AS n",
            [count],
        )


def _value(field: Field[Any, Any], first: int, expressions: dict[str, str]) -> str:
    if field.primary_key:
        return f"{first} + n"
    if field.name in expressions:
        return expressions[field.name]
    if field.unique:
        return "gen_random_uuid()" if isinstance(field, UUIDField) else "'bench-' || n"
    return f'row."{field.column}"'
