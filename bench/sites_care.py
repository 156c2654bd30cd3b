"""Many sites cared for: migrations that change nothing, one that changes something, the export of one site."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any, Final
from unittest.mock import patch
from uuid import uuid4

from django.db import connection, models, transaction
from django.db.migrations import AddField, Migration
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone
from django_tenants.migration_executors.base import run_migrations

from bench.measure import Figure, Goal, Line, Row
from bench.servers import Servers
from memberships.models import Membership
from sites.models import Site
from sites.operations import ensure_template, migration_plan, rings, site_migrations, template
from sites.operations.archives.write import export_site
from tests.factories.catalogue import MONTH, product
from tests.factories.world import World

STOCK_SAMPLE: Final = (
    10  # sites that stock migrates; its time for all is so many times more, as it takes them in turn
)
AMONG: Final = int(
    os.environ.get("BENCH_SITES", "1000")
)  # making a thousand takes minutes; fewer are a quick look
MIGRATED: Final = min(200, AMONG)
EXPORTS: Final = 3
WORKERS: Final = 2
CACHED: Final = (
    site_migrations._loader,  # noqa: SLF001 -- a bench puts a migration on the disk of a running process
    site_migrations.fingerprint,
    site_migrations.heads,
    site_migrations.sources,
    site_migrations.migrations_on_disk,
    site_migrations.migrations_in_order,
    migration_plan._plan,  # noqa: SLF001 -- see above
)


class ANote(Migration):
    """What a small release brings: one added field."""

    dependencies = [("content", "0001_initial")]
    operations = [AddField("siteidentity", "note", models.CharField(max_length=20, default=""))]


def measure(servers: Servers) -> Iterator[Figure]:
    ensure_template(now=timezone.now())
    plan = product("care", prices={MONTH: 0}, limits={})
    membership = World(servers.gateway).signs_up("care", plan, now=timezone.now())
    stock = [_schema() for _ in range(STOCK_SAMPLE)]
    _sites(MIGRATED, membership)
    yield _migrating(stock)
    _sites(AMONG - MIGRATED, membership)
    yield _exporting(_sites(1, membership)[0])  # those that were migrated have more than this code knows


def _migrating(stock: Sequence[str]) -> Figure:
    _migrate_ours()  # writes the rows of new sites
    idle = [[_seconds(_migrate_ours)] for _ in range(EXPORTS)]
    idle_stock = [[_seconds(lambda: _migrate_stock(stock)) * MIGRATED / STOCK_SAMPLE]] * EXPORTS
    with _another_migration():
        changed_stock = [[_seconds(lambda: _migrate_stock(stock)) * MIGRATED / STOCK_SAMPLE]]
        changed = [[_seconds(_migrate_ours)]]
    scaled = f"migrate_schemas, {STOCK_SAMPLE} sites, times {MIGRATED // STOCK_SAMPLE}"
    return Figure(
        title=f"Migrating {MIGRATED} sites",
        settings=[
            f"{WORKERS} workers; the template is brought along and dumped within the time of the added field",
            "stock in this process without its start, as ours",
        ],
        rows=[
            Row(
                ours=Line(what="nothing to do", unit="s", blocks=idle),
                theirs=Line(what=scaled, unit="s", blocks=idle_stock),
                goal=Goal(most=1 / 20),
            ),
            Row(
                ours=Line(what="one added field", unit="s", blocks=changed),
                theirs=Line(what=scaled, unit="s", blocks=changed_stock),
                goal=Goal(most=1 / 6),
            ),
        ],
    )


def _exporting(site: Site) -> Figure:
    ours, dump = [], []
    for _ in range(EXPORTS):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "site.zip"
            ours.append([_seconds(lambda path=path: _export(site, path))])  # type: ignore[misc]  # mypy and defaults
        with patch.object(template, "SCHEMA", site.schema_name):
            dump.append([_seconds(template._dump)])  # noqa: SLF001 -- pg_dump as the template calls it
    return Figure(
        title=f"Export of one site among {AMONG}",
        settings=["a new site, without files; pg_dump as plain SQL, not packed"],
        rows=[
            Row(
                ours=Line(what="export_site", unit="s", blocks=ours),
                theirs=Line(what="pg_dump of its schema", unit="s", blocks=dump),
                goal=Goal(most=1 / 50),
            )
        ],
    )


def _export(site: Site, path: Path) -> None:
    export_site(site=site, path=path, now=timezone.now(), tell=lambda _percent, _what: None)


def _sites(number: int, membership: Membership) -> list[Site]:
    now = timezone.now()
    made = []
    for _ in range(number):
        slug = f"cared-{uuid4().hex[:12]}"
        site = Site(
            membership=membership, name=slug, slug=slug, created_at=now, ready_at=now, state=Site.State.READY
        )
        with transaction.atomic():
            template.replay(site.schema_name)
            site.save()
        made.append(site)
    return made


def _schema() -> str:
    name = Site(uid=uuid4()).schema_name
    with transaction.atomic():
        template.replay(name)
    return str(name)


def _migrate_ours() -> None:
    report = rings.migrate_all(rings.Run(clock=timezone.now, tell=lambda _outcome: None, workers=WORKERS))
    if report.behind:
        raise RuntimeError(f"{report.behind} sites are behind.")


def _migrate_stock(schemas: Sequence[str]) -> None:
    options: dict[str, Any] = {
        "database": "default",
        "verbosity": 0,
        "interactive": False,
        "app_label": None,
        "migration_name": None,
        "fake": False,
        "fake_initial": False,
        "plan": False,
        "check_unapplied": False,
        "run_syncdb": False,
        "prune": False,
        "skip_checks": True,
        "force_color": False,
        "no_color": True,
    }
    for schema in schemas:
        run_migrations([], options, "standard", schema, allow_atomic=True)
    connection.set_schema_to_public()  # type: ignore[attr-defined]  # the engine's


@contextmanager
def _another_migration() -> Iterator[None]:
    """A migration more on disk, for stock and for us."""
    load = MigrationLoader.load_disk

    def load_one_more(loader: MigrationLoader) -> None:
        load(loader)
        newest = max(name for app, name in loader.disk_migrations if app == "content")
        ANote.dependencies = [("content", newest)]
        loader.disk_migrations["content", "9999_a_note"] = ANote("9999_a_note", "content")

    with patch.object(MigrationLoader, "load_disk", load_one_more):
        _forget()
        yield
    _forget()


def _forget() -> None:
    for cached in CACHED:
        cached.cache_clear()


def _seconds(what: Callable[[], object]) -> float:
    started = perf_counter()
    what()
    return perf_counter() - started
