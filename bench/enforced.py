"""From the webhook of a paid upgrade to the new limit in the site: two tasks, and the gateway asked."""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

import psycopg
import redis
from django.conf import settings
from django.utils import timezone

from bench import tasks
from bench.client import Client
from bench.measure import Figure, Goal, Line, Row
from bench.servers import Servers
from bench.webhook import OURS, signed_event
from memberships.billing.choose import gateway
from memberships.models import Attempt, Membership
from products.limits import Kind
from products.models import PlanGroup, Product, ProductLimit
from sites.models import Site
from sites.operations import create_site, ensure_template, provision_site
from tests.factories.catalogue import MONTH, product
from tests.factories.world import World

SITES: Final = 10
NOTHINGS: Final = 3  # tasks that do nothing, before each run
UPGRADES: Final = 5  # of each site, one plan up every time
LOOK_EVERY: Final = 0.0005  # seconds between two looks at the limit
PATIENCE: Final = 20  # seconds
MOST_TIMES: Final = 4
HANDLE: Final = "memberships.tasks.handle_inbound_event"
APPLY: Final = "sites.tasks.apply_entitlements"
MAIL: Final = "memberships.tasks.deliver_notice"

Broker = redis.Redis
Database = psycopg.Connection[tuple[Any, ...]]
SignedEvent = tuple[bytes, dict[str, str]]
Marks = dict[tuple[str, str], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """Instants of one run on the machine's monotonic clock."""

    sent: float
    acknowledged: float
    in_force: float
    marks: Marks


def measure(servers: Servers) -> Figure:
    world = World(servers.gateway)
    servers.gateway.control(paused=True)  # we deliver the webhooks ourselves
    ladder = _ladder()
    members = [_member_with_site(world, ladder[0], number) for number in range(SITES)]
    nothing: list[float] = []
    runs: list[Moments] = []
    with (
        servers.worker(),
        redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2 * PATIENCE) as broker,
        psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as database,
    ):
        for plan in ladder[1:]:
            for membership, site in members:
                nothing += [_delay_to_start(broker) for _ in range(NOTHINGS)]
                event = _paid_upgrade(servers, world, membership, plan)
                runs.append(_deliver(servers, event, site, plan, broker=broker, database=database))
    return Figure(
        title="From the webhook's POST to the new limit in the site",
        settings=[
            f"{SITES} sites, {UPGRADES} paid upgrades each, one after another; the first do not count",
            f"before each {NOTHINGS} tasks that do nothing; the worker as in the demo, 2 processes; fsync on",
            f"in force: another session sees it in the site's schema, looking every {LOOK_EVERY * 1000:g} ms",
        ],
        rows=_rows(runs[SITES:], nothing[SITES * NOTHINGS :], _gateway_answers()),
    )


def _rows(runs: list[Moments], nothing: list[float], asked: list[float]) -> list[Row]:
    marks = [run.marks for run in runs]
    parts = {
        "  POST → acknowledged": [run.acknowledged - run.sent for run in runs],
        "  POST → first task starts": [run.marks[HANDLE, "start"] - run.sent for run in runs],
        "  first task: ask, settle, fulfil": [at[HANDLE, "end"] - at[HANDLE, "start"] for at in marks],
        "    of which the gateway double's answer": asked,
        "  first task starts → second starts": [at[APPLY, "start"] - at[HANDLE, "start"] for at in marks],
        "  second task: write the limits": [at[APPLY, "end"] - at[APPLY, "start"] for at in marks],
    }
    headline = Row(
        ours=_line("POST → limit in force", [run.in_force - run.sent for run in runs]),
        theirs=_line("Celery, a no-op: delay → start", nothing),
        goal=Goal(percent=95, most=MOST_TIMES),
    )
    return [headline, *(Row(ours=_line(what, seconds)) for what, seconds in parts.items())]


def _line(what: str, seconds: list[float]) -> Line:
    return Line(what=what, unit="ms", blocks=[[value * 1000 for value in seconds]])


def _ladder() -> list[Product]:
    """A free plan and four that cost more and allow more posts, each."""
    group = PlanGroup.objects.create(name="Ladder")
    return [
        product(
            f"ladder-{rank}", group=group, rank=rank + 1, prices={MONTH: 4000 * rank},
            limits={Kind.SITES: 1, Kind.POSTS: 10 * (rank + 1), Kind.PAGES: 10, Kind.USERS: 3},
        )
        for rank in range(UPGRADES + 1)
    ]  # fmt: skip


def _member_with_site(world: World, plan: Product, number: int) -> tuple[Membership, Site]:
    now = timezone.now()
    ensure_template(now=now)
    membership = world.signs_up(f"ladder{number}", plan, now=now)
    site = create_site(membership=membership, name=f"Ladder {number}", slug=f"ladder-{number}", now=now)
    return membership, provision_site(site_id=site.pk, now=now)


def _paid_upgrade(servers: Servers, world: World, membership: Membership, plan: Product) -> SignedEvent:
    """Order `plan` and pay for it on the gateway's page; the webhook that the gateway would send now."""
    now = timezone.now()
    attempt = world.opens_the_page(world.orders(membership, plan, now=now), now=now)
    session = servers.gateway.pay(attempt.gateway_ref)["session"]
    return signed_event(f"evt_{uuid4().hex}", session, servers.gateway.webhook_secret)


def _deliver(
    servers: Servers, event: SignedEvent, site: Site, plan: Product, *, broker: Broker, database: Database
) -> Moments:
    body, headers = event
    wanted = ProductLimit.objects.get(product=plan, kind=Kind.POSTS).amount
    posts = f"SELECT 1 FROM {site.schema_name}.content_sitelimit WHERE kind = 'posts' AND allowed = {wanted}"
    client = Client(servers.web_port)
    broker.delete(tasks.MARKS)
    sent = time.monotonic()
    client.post(OURS, body, headers)
    acknowledged = time.monotonic()
    while database.execute(posts).fetchone() is None:
        time.sleep(LOOK_EVERY)
        if time.monotonic() > sent + PATIENCE:
            raise TimeoutError(f"The limit of {site} was not in force after {PATIENCE} seconds.")
    in_force = time.monotonic()
    client.close()
    marks = _marks(broker, until={(task, "end") for task in (HANDLE, APPLY, MAIL)})
    return Moments(sent=sent, acknowledged=acknowledged, in_force=in_force, marks=marks)


def _delay_to_start(broker: Broker) -> float:
    broker.delete(tasks.MARKS)
    sent = time.monotonic()
    tasks.nothing.delay()
    marks = _marks(broker, until={(tasks.nothing.name, "end")})
    return marks[tasks.nothing.name, "start"] - sent


def _marks(broker: Broker, *, until: set[tuple[str, str]]) -> Marks:
    """What the worker's tasks have marked, when all of `until` have come. Raises TimeoutError."""
    marks: Marks = {}
    while not until <= marks.keys():
        found = broker.blpop([tasks.MARKS], timeout=PATIENCE)
        if found is None:
            raise TimeoutError(f"After {PATIENCE} seconds the worker had done only {sorted(marks)}.")
        name, event, at = json.loads(found[1])
        marks[name, event] = at
    return marks


def _gateway_answers() -> list[float]:
    """Seconds that the double takes to answer the question the first task asks."""
    ref = Attempt.objects.exclude(gateway_ref="").latest("pk").gateway_ref
    answers = []
    for _ in range(40):
        started = time.monotonic()
        gateway().look_up(ref)
        answers.append(time.monotonic() - started)
    return answers
