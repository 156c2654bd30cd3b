"""What it costs that a request belongs to one of a thousand sites: beside plain Django and stock django-tenants."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from copy import deepcopy
from typing import Any, Final
from uuid import UUID, uuid4

from django.db import connection, connections, transaction
from django.utils import timezone
from django_tenants.postgresql_backend import base as stock

from bench.client import Client
from bench.measure import Figure, Goal, Line, Row
from bench.servers import Servers
from memberships.models import Membership
from products.limits import Kind
from sites.models import Domain, Site
from sites.names import schema_name
from sites.postgresql import base as ours
from tests.factories.catalogue import MONTH, product
from tests.factories.world import World

SITES: Final = 1000
TABLES: Final = 6  # in each
AT_ONCE: Final = 50  # schemas made or dropped in one transaction
BLOCKS: Final = 6
REQUESTS: Final = 200  # in a block
RUNS: Final = 3  # of the memory's measurement
LOOK_EVERY: Final = 10  # sites
WAYS: Final = {"ours": "Sitewright", "none": "plain Django, one site", "stock": "stock django-tenants"}
BROWSER: Final = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
BOT: Final = "Mozilla/5.0 (compatible; Examplebot/2.0)"


def measure(servers: Servers) -> Iterator[Figure]:
    membership = _membership(servers)
    with _thousand_sites(membership) as hosts:
        with ExitStack() as stack:
            clients = {
                way: Client(
                    stack.enter_context(servers.another_web("bench.requests_settings", BENCH_TENANCY=way))
                )
                for way in WAYS
            }
            for client in clients.values():
                stack.callback(client.close)
            yield _requests(servers, clients, hosts)
            yield _visits(clients["ours"], hosts)
        yield _memory([host.partition(".")[0] for host in hosts])


def _requests(servers: Servers, clients: dict[str, Client], hosts: Sequence[str]) -> Figure:
    blocks: dict[str, list[list[float]]] = {way: [] for way in WAYS}
    for client in clients.values():
        for host in hosts:
            _get(client, host)
    for _ in range(BLOCKS):
        for way, client in clients.items():
            blocks[way].append([_get(client, host) * 1000 for host in random.choices(hosts, k=REQUESTS)])
    mine, plain, theirs = (Line(what=name, unit="ms", blocks=blocks[way]) for way, name in WAYS.items())
    counted = {way: _statements(servers, client, hosts) for way, client in clients.items()}
    sent = {way: Line(what=f"statements, {WAYS[way]}", blocks=[[number]]) for way, number in counted.items()}
    return Figure(
        title=f"A request to one of {SITES:,} sites",
        settings=[
            f"the same view with one query; sites in random order, {TABLES} tables each; one client, one process",
            f"{BLOCKS} blocks of {REQUESTS} requests, in turn; 0.85 of the throughput is 1.18 of the time",
        ],
        rows=[
            Row(ours=mine, theirs=plain, goal=Goal(most=1 / 0.85)),
            Row(ours=mine, theirs=theirs),
            Row(ours=sent["ours"], theirs=sent["stock"]),
            Row(ours=sent["ours"], goal=Goal(most=2)),
        ],
    )


def _visits(client: Client, hosts: Sequence[str]) -> Figure:
    blocks: dict[str, list[list[float]]] = {BROWSER: [], BOT: []}
    for _ in range(BLOCKS):
        for agent, samples in blocks.items():
            samples.append([_get(client, host, agent) * 1000 for host in random.choices(hosts, k=REQUESTS)])
    return Figure(
        title="Counting a visit",
        settings=[
            f"{BLOCKS} blocks of {REQUESTS} requests, in turn; a bot's request is the same and not counted"
        ],
        rows=[
            Row(
                ours=Line(what="counted", unit="ms", blocks=blocks[BROWSER]),
                theirs=Line(what="not counted", unit="ms", blocks=blocks[BOT]),
            )
        ],
    )


def _memory(slugs: Sequence[str]) -> Figure:
    schemas = list(Site.objects.filter(slug__in=slugs).values_list("schema_name", flat=True))
    mine = Line(what="ours, at its most", unit="MB", blocks=[[_most(ours, schemas)] for _ in range(RUNS)])
    theirs = Line(what="stock, at its most", unit="MB", blocks=[[_most(stock, schemas)] for _ in range(RUNS)])
    return Figure(
        title=f"Memory of one database connection that serves {SITES:,} sites",
        settings=[
            f"pg_backend_memory_contexts, every {LOOK_EVERY} sites; each of {TABLES} tables is read once in each site",
            "through Django's pool with one connection, given back after each site",
        ],
        rows=[Row(ours=mine, theirs=theirs, goal=Goal(most=1 / 4))],
    )


def _most(engine: Any, schemas: Sequence[str]) -> float:
    """The most megabytes that the server's process behind the connection ever took."""
    database = deepcopy(connections.settings["default"])
    database["OPTIONS"] = {"pool": {"min_size": 1, "max_size": 1, "timeout": 10}}
    database["CONN_MAX_AGE"] = 0
    wrapper = engine.DatabaseWrapper(database, alias=f"bench-{uuid4().hex}")
    most = 0.0
    try:
        for number, schema in enumerate(schemas, 1):
            wrapper.set_schema(schema)
            with wrapper.cursor() as cursor:
                for table in range(TABLES):
                    cursor.execute(f"SELECT text FROM bench_note_{table}")
                if number % LOOK_EVERY == 0:
                    cursor.execute("SELECT sum(total_bytes) FROM pg_catalog.pg_backend_memory_contexts")
                    most = max(most, float(cursor.fetchone()[0]) / 1e6)
            wrapper.close()
    finally:
        wrapper.close_pool()
    return most


def _get(client: Client, host: str, agent: str = BOT) -> float:
    return client.get("/", {"Host": host, "User-Agent": agent}, holding=b"<p>a line</p>")


def _statements(servers: Servers, client: Client, hosts: Sequence[str]) -> float:
    """What PostgreSQL is sent for a request to a site that is known."""
    asked = random.sample(list(hosts), 20)
    for host in asked:
        _get(client, host)
    with servers.statements() as seen:
        for host in asked:
            _get(client, host)
    return len(seen.all) / len(asked)


def _membership(servers: Servers) -> Membership:
    plan = product("requests", prices={MONTH: 0}, limits={Kind.SITES: None})
    return World(servers.gateway).signs_up("requests", plan, now=timezone.now())


@contextmanager
def _thousand_sites(membership: Membership) -> Iterator[list[str]]:
    """Sites with few tables, and their hosts; the same tables in public, for plain Django. They go with the block."""
    now = timezone.now()
    uids = [uuid4() for _ in range(SITES)]
    _in_parts(uids, _make_schema)
    _make_tables("public")
    sites = Site.objects.bulk_create(
        Site(
            uid=uid,
            slug=f"r-{uid.hex[:12]}",
            name="A site",
            membership=membership,
            state=Site.State.READY,
            created_at=now,
            ready_at=now,
            opened_at=now,
        )
        for uid in uids
    )
    Domain.objects.bulk_create(
        Domain(domain=site.host, tenant=site, is_primary=True, created_at=now) for site in sites
    )
    try:
        yield [site.host for site in sites]
    finally:
        Domain.objects.filter(tenant__in=sites).delete()
        Site.objects.filter(pk__in=[site.pk for site in sites]).delete()
        _in_parts(uids, _drop_schema)


def _in_parts(uids: Sequence[UUID], what: Callable[[str], None]) -> None:
    """A transaction holds a lock for each table, and there is room for so many."""
    for start in range(0, len(uids), AT_ONCE):
        with transaction.atomic():
            for uid in uids[start : start + AT_ONCE]:
                what(schema_name(uid))


def _make_schema(schema: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE SCHEMA "{schema}"')
    _make_tables(schema)


def _make_tables(schema: str) -> None:
    tables = (
        f'CREATE TABLE "{schema}".bench_note_{number} (id bigserial PRIMARY KEY, text varchar(100) NOT NULL);'
        f"INSERT INTO \"{schema}\".bench_note_{number} (text) VALUES ('a line');"
        for number in range(TABLES)
    )
    with connection.cursor() as cursor:
        cursor.execute("".join(tables))


def _drop_schema(schema: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f'DROP SCHEMA "{schema}" CASCADE')
