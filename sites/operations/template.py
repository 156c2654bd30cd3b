"""The template: one schema made by the real migrations, dumped once, replayed for every new site.

A template belongs to a set of migrations, known by its fingerprint. When the code brings others, the schema
is built anew and dumped again; sites that exist are the business of `migrate_sites`.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django_tenants.postgresql_backend.base import FakeTenant
from django_tenants.utils import quote_schema_name, schema_exists, tenant_context

from sites.models import SiteTemplate
from sites.operations.migration_plan import announce, applied_in_current_schema, plan_for_current_schema
from sites.operations.site_migrations import fingerprint, heads, site_labels, sources

SCHEMA: Final = "site_template"
NAME_HERE: Final = (
    "{site's schema}"  # stands in the stored SQL where the schema's name belongs; no dump contains it
)
LOCK: Final = 5_817_001  # of pg_advisory_lock: one build at a time
SECONDS_TO_DUMP: Final = 120


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


def _build(*, now: datetime) -> SiteTemplate:
    if _can_go_on():
        with tenant_context(FakeTenant(SCHEMA)):
            plan_for_current_schema().apply()
    else:
        _build_from_nothing()
    sql = f"{_portable(_dump())}\nCOMMENT ON SCHEMA {NAME_HERE} IS '{heads()}';"
    return SiteTemplate.objects.create(fingerprint=fingerprint(), sql=sql, sources=sources(), built_at=now)


def _can_go_on() -> bool:
    """Whether the schema of the last template stands, and its migrations are still what they were."""
    last = SiteTemplate.objects.order_by("built_at").last()
    if last is None or not last.sources or not schema_exists(SCHEMA):
        return False
    with tenant_context(FakeTenant(SCHEMA)):
        applied = {".".join(key) for key in applied_in_current_schema()} & sources().keys()
    return set(last.sources.items()) <= set(sources().items()) and applied == set(last.sources)


def _build_from_nothing() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
        cursor.execute(f"CREATE SCHEMA {SCHEMA}")
    with tenant_context(FakeTenant(SCHEMA)):
        # Not the command `migrate`: it takes the network's apps along, three times the time for rows nobody reads.
        executor = MigrationExecutor(connection)
        leaves = [node for node in executor.loader.graph.leaf_nodes() if node[0] in site_labels()]
        plan = executor.migration_plan(leaves)
        executor.migrate(leaves, plan=plan)
        announce([migration for migration, _backwards in plan])


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
