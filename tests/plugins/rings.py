"""Many small sites, and a migration that they do not have yet."""

import uuid
from collections.abc import Callable, Iterator

import pytest
from django.db import connection, models
from django.db.migrations import AddField, Migration, RunPython

from sites.models import Site, SiteTemplate
from sites.operations import heads, migration_plan, site_migrations
from tests.plugins.sites import NOW, member

TABLES = ("django_migrations", "django_content_type", "auth_permission", "content_siteidentity")
KEY = ("content", "9999_a_note")
CACHED = (
    site_migrations.fingerprint,
    site_migrations.heads,
    site_migrations.sources,
    site_migrations.migrations_on_disk,
    site_migrations.migrations_in_order,
    migration_plan._plan,
)


class ANote(Migration):
    """One added field, as a release brings it; `extra` is a place for what a test wants to happen in it."""

    extra: Callable[..., None] = RunPython.noop

    def __init__(self, name: str, app_label: str) -> None:
        super().__init__(name, app_label)
        self.operations = [  # type: ignore[misc]  # as Django itself does with every migration
            AddField("siteidentity", "note", models.CharField(max_length=20, default="")),
            RunPython(lambda apps, editor: type(self).extra(apps, editor)),
        ]


class NoteInSteps(ANote):
    """The same, without a transaction around it."""

    atomic = False


@pytest.fixture
def new_migration() -> Iterator[Callable[[type[ANote]], None]]:
    """Add a migration to those on disk, for as long as the test lasts."""
    loader = site_migrations._loader()
    leaf = next(node for node in loader.graph.leaf_nodes() if node[0] == KEY[0])

    def add(kind: type[ANote]) -> None:
        loader.disk_migrations[KEY] = migration = kind(KEY[1], KEY[0])
        loader.graph.add_node(KEY, migration)
        loader.graph.add_dependency(migration, KEY, leaf)
        forget()

    def forget() -> None:
        for cached in CACHED:
            cached.cache_clear()

    yield add
    site_migrations._loader.cache_clear()
    ANote.extra = RunPython.noop
    forget()


def known_template() -> None:
    """Say that the template has the new migration too: building it takes seconds, and another test looks at that."""
    SiteTemplate.objects.create(fingerprint=site_migrations.fingerprint(), sql="", built_at=NOW)


def small_sites(number: int, *, canaries: int = 0) -> list[Site]:
    """Ready sites at `s0`, `s1`…, each with the few tables that the new migration needs."""
    membership = member("many", limits={})
    sites = [
        Site(
            membership=membership,
            name=f"S{n}",
            slug=f"s{n}",
            created_at=NOW,
            uid=uuid.UUID(int=0x5_0000 + n),
            state=Site.State.READY,
            ready_at=NOW,
            opened_at=NOW,
            is_canary=n < canaries,
        )
        for n in range(number)
    ]
    Site.objects.bulk_create(sites)
    with connection.cursor() as cursor:
        for site in sites:
            cursor.execute(
                f"CREATE SCHEMA {site.schema_name};"
                + "".join(
                    f"CREATE TABLE {site.schema_name}.{table} (LIKE site_template.{table} INCLUDING ALL);"
                    f"INSERT INTO {site.schema_name}.{table} SELECT * FROM site_template.{table};"
                    f"SELECT setval(pg_get_serial_sequence('{site.schema_name}.{table}', 'id'), 10000);"
                    for table in TABLES
                )
            )
            heads.stamp(site.schema_name)
    return sites


def has_the_note(sites: list[Site]) -> list[str]:
    """The addresses of those that have the new column."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_schema FROM information_schema.columns"
            " WHERE table_name = 'content_siteidentity' AND column_name = 'note'"
        )
        schemas = {schema for (schema,) in cursor.fetchall()}
    return [site.slug for site in sites if site.schema_name in schemas]


def drop(sites: list[Site]) -> None:
    with connection.cursor() as cursor:
        for site in sites:
            cursor.execute(f"DROP SCHEMA IF EXISTS {site.schema_name} CASCADE")
