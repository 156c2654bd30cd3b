"""The template: one schema made by the real migrations, dumped once, replayed for every new site.

A template belongs to a set of migrations, known by its fingerprint. When the code brings others, the schema
is built anew and dumped again; sites that exist are the business of `migrate_sites`.
"""

import hashlib
import inspect
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Final

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.commands import migrate
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django_tenants.postgresql_backend.base import FakeTenant
from django_tenants.utils import quote_schema_name, tenant_context

from sites.models import Site, SiteTemplate

SCHEMA: Final = "site_template"
NAME_HERE: Final = (
    "{site's schema}"  # stands in the stored SQL where the schema's name belongs; no dump contains it
)
LOCK: Final = 5_817_001  # of pg_advisory_lock: one build at a time
SECONDS_TO_DUMP: Final = 120

Migration = tuple[str, str]


class TemplateError(RuntimeError):
    """The template could not be made; the message says what to do."""


def ensure_template(*, now: datetime) -> SiteTemplate:
    """The template of the migrations this code has, built when there is none yet. Not to be called in a
    transaction."""
    found = SiteTemplate.objects.filter(fingerprint=fingerprint()).first()
    if found is not None:
        return found
    with _one_at_a_time():
        found = SiteTemplate.objects.filter(fingerprint=fingerprint()).first()
        return found or _build(now=now)


def replay(schema: str) -> None:
    """Make `schema` with everything the template has, in one round trip. Raises TemplateError when there is
    no template."""
    template = SiteTemplate.objects.filter(fingerprint=fingerprint()).first()
    if template is None:
        raise TemplateError("There is no site template for these migrations. Run build_site_template.")
    with connection.cursor() as cursor:
        cursor.execute(template.sql.replace(NAME_HERE, quote_schema_name(schema)))


@cache
def fingerprint() -> str:
    """What tells one set of site migrations from another: their names and their source."""
    digest = hashlib.sha256()
    disk = _loader().disk_migrations
    for app, name in sorted(migrations_on_disk()):
        source = Path(inspect.getfile(type(disk[app, name])))
        digest.update(f"{app}.{name}\n".encode() + source.read_bytes())
    return digest.hexdigest()


@cache
def migrations_on_disk() -> frozenset[Migration]:
    """(app, name) of every migration a site's schema must have; of squashed ones only the squash."""
    labels = _site_labels()
    return frozenset(node for node in _loader().graph.nodes if node[0] in labels)


def migrations_in(schema: str) -> frozenset[Migration]:
    """(app, name) of the migrations recorded in `schema`."""
    with tenant_context(FakeTenant(schema)):
        return frozenset(MigrationRecorder(connection).applied_migrations())


def tables_of_models() -> frozenset[str]:
    """The tables that a site's schema must have."""
    labels = _site_labels()
    options = [model._meta for model in apps.get_models(include_auto_created=True)]  # noqa: SLF001 -- public
    return frozenset(o.db_table for o in options if o.app_label in labels and o.managed and not o.proxy)


def _build(*, now: datetime) -> SiteTemplate:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
        cursor.execute(f"CREATE SCHEMA {SCHEMA}")
    with tenant_context(FakeTenant(SCHEMA)):
        # Django's own command: django-tenants' one closes the connection, and the lock with it.
        call_command(migrate.Command(), interactive=False, verbosity=0)
    sql = _portable(_dump())
    return SiteTemplate.objects.create(fingerprint=fingerprint(), sql=sql, built_at=now)


def _dump() -> str:
    folder = os.environ.get("SITEWRIGHT_PG_BIN", "")
    program = shutil.which("pg_dump", path=folder or None)
    if program is None:
        raise TemplateError(
            "pg_dump was not found. Put PostgreSQL's programs on PATH, or their folder in SITEWRIGHT_PG_BIN."
        )
    database = connection.settings_dict
    options = [
        "--no-owner",
        "--no-privileges",
        "--no-comments",
        "--inserts",
        "--rows-per-insert=500",
        "--no-password",
    ]
    places = {"--host": "HOST", "--port": "PORT", "--username": "USER", "--dbname": "NAME"}
    where = [f"{option}={database[key]}" for option, key in places.items() if database[key]]
    done = subprocess.run(  # noqa: S603 -- no shell; the arguments are ours and the settings'
        [program, f"--schema={SCHEMA}", *options, *where],
        capture_output=True,
        check=False,
        text=True,
        timeout=SECONDS_TO_DUMP,
        env={**os.environ, "PGPASSWORD": str(database["PASSWORD"])},
    )
    if done.returncode:
        raise TemplateError(f"pg_dump could not read the template: {done.stderr.strip()}")
    return done.stdout


def _portable(dump: str) -> str:
    """The dump without the parts that speak to psql or change the session, and with a mark in place of the
    schema's name.

    The name may only stand where SQL names the schema. Anywhere else it would be data, which a replay must
    not rewrite.
    """
    session = re.compile(r"^(SET |SELECT pg_catalog\.set_config|\\|--|$)")
    sql = "\n".join(line for line in dump.splitlines() if not session.match(line))
    named = re.compile(rf"(?<![\w\"]){SCHEMA}(?=\.[a-z_\"]|;)")
    if NAME_HERE in sql or len(named.findall(sql)) != sql.count(SCHEMA):
        raise TemplateError(
            f"The template's data contains the name {SCHEMA}; it cannot be replayed under another."
        )
    return named.sub(lambda _found: NAME_HERE, sql)


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


@cache
def _loader() -> MigrationLoader:
    return MigrationLoader(None, ignore_no_migrations=True)


def _site_labels() -> frozenset[str]:
    wanted = set(settings.TENANT_APPS)
    return frozenset(
        config.label
        for config in apps.get_app_configs()
        if config.name in wanted or f"{type(config).__module__}.{type(config).__name__}" in wanted
    )


def sites_behind() -> list[Site]:
    """Sites whose schema lacks migrations of this code. Two statements, however many sites there are."""
    sites = {site.schema_name: site for site in Site.objects.order_by("id")}
    wanted = [f"{app}.{name}" for app, name in migrations_on_disk()]
    with connection.cursor() as cursor:
        cursor.execute("SELECT schemaname FROM pg_tables WHERE tablename = 'django_migrations'")
        present = [schema for (schema,) in cursor.fetchall() if schema in sites]
        if not present:
            return []
        counts = " UNION ALL ".join(
            f"SELECT '{schema}' AS name, count(*) AS found"  # noqa: S608 -- names from identifiers, by constraint
            f" FROM {quote_schema_name(schema)}.django_migrations WHERE app || '.' || name = ANY(%(wanted)s)"
            for schema in present
        )
        behind = f"SELECT name FROM ({counts}) AS s WHERE found < %(all)s"  # noqa: S608 -- see above
        cursor.execute(behind, {"wanted": wanted, "all": len(wanted)})
        return [sites[schema] for (schema,) in cursor.fetchall()]
