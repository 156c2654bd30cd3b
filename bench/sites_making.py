"""A new site: every migration for it, or the template's replay, or the whole way to a site that is ready."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Final
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from bench.measure import Figure, Goal, Line, Row
from bench.servers import Servers
from memberships.models import Membership
from products.limits import Kind
from sites.models import Site
from sites.operations import create_site, ensure_template, provision_site, template
from tests.factories.catalogue import MONTH, product
from tests.factories.world import World

RUNS: Final = 3
MOST: Final = Goal(most=1 / 25)


def measure(servers: Servers) -> Iterator[Figure]:
    now = timezone.now()
    ensure_template(now=now)
    plan = product("provision", prices={MONTH: 0}, limits={Kind.SITES: RUNS + 1, Kind.USERS: 1})
    membership = World(servers.gateway).signs_up("provision", plan, now=now)
    _make_ready(membership)  # warms up
    migrated, replayed, ready = [], [], []
    for _ in range(RUNS):
        migrated.append([_seconds(_migrate)])
        replayed.append([_seconds(_replay)])
        ready.append([_seconds(lambda: _make_ready(membership))])
    theirs = Line(what="create_schema, all migrations", unit="s", blocks=migrated)
    yield Figure(
        title="A new site",
        settings=[
            f"{RUNS} runs of each, in turn; fsync on; the template was built before",
            "without a warm pool: a site is made when it is asked for",
        ],
        rows=[
            Row(ours=Line(what="the template's replay", unit="s", blocks=replayed), theirs=theirs, goal=MOST),
            Row(ours=Line(what="ready: all steps, proven", unit="s", blocks=ready), theirs=theirs, goal=MOST),
        ],
    )


def _seconds(what: Callable[[], object]) -> float:
    started = perf_counter()
    what()
    return perf_counter() - started


def _migrate() -> None:
    """What django-tenants does for a new site."""
    site = Site(uid=uuid4())
    site.create_schema(check_if_exists=True, sync_schema=True, verbosity=0)


def _replay() -> None:
    with transaction.atomic():
        template.replay(Site(uid=uuid4()).schema_name)


def _make_ready(membership: Membership) -> None:
    slug = f"made-{uuid4().hex[:8]}"
    site = create_site(membership=membership, name=slug, slug=slug, now=timezone.now())
    provision_site(site_id=site.pk, now=timezone.now())
