"""The warm pool: schemas built ahead and proven, so that a new site only has to put its name on one.

A spare and its row are one transaction, so what is in the pool is whole, and what was given away is gone from it. A
spare knows what it was built by; after a deployment the old ones are never given away again.
"""

import hashlib
import inspect
import uuid
from datetime import datetime
from functools import cache
from typing import Final

from django.db import connection, transaction
from django_tenants.postgresql_backend.base import FakeTenant
from django_tenants.utils import tenant_context
from psycopg import sql

from accounts.network.live import network
from sites.content import beginnings
from sites.models import Site, SpareSchema
from sites.operations import site_migrations, template
from sites.operations.proof import prove_page, prove_tables

LOCK: Final = 5_817_002  # of pg_try_advisory_xact_lock: one spare is built at a time
NAME: Final = "A new site"  # nobody sees it: whoever takes a spare writes their own name over it


@cache
def fingerprint() -> str:
    """What tells the spares of this code from those of another: the migrations, and the content to begin with."""
    begins_with = inspect.getsource(beginnings)
    return hashlib.sha256(f"{site_migrations.fingerprint()}\n{begins_with}".encode()).hexdigest()


def are_there() -> bool:
    return SpareSchema.objects.filter(fingerprint=fingerprint()).exists()


def take(*, schema: str) -> bool:
    """Give a spare the name `schema`, in the caller's transaction. False when there is none. Of several at once each
    gets another, and nobody waits."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM sites_spareschema WHERE id = (
                SELECT spare.id FROM sites_spareschema spare
                  JOIN pg_namespace n ON n.nspname = spare.schema_name
                 WHERE spare.fingerprint = %s
                 ORDER BY spare.id LIMIT 1 FOR UPDATE OF spare SKIP LOCKED
            ) RETURNING schema_name
            """,
            [fingerprint()],
        )
        row = cursor.fetchone()
        if row is None:
            return False
        rename = sql.SQL("ALTER SCHEMA {} RENAME TO {}")
        cursor.execute(rename.format(sql.Identifier(row[0]), sql.Identifier(schema)))
    return True


def fill(*, now: datetime) -> int:
    """Build spares until there are `SPARE_SITES`, and remove those of other code. Answers how many were built. Not to
    be called in a transaction."""
    _remove_old()
    template.ensure_template(now=now)
    built = 0
    while _build_one(now=now):
        built += 1
    return built


@transaction.atomic
def _build_one(*, now: datetime) -> bool:
    """False when there are enough, or somebody else is building one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        (is_mine,) = cursor.fetchone() or (False,)
    if not is_mine or SpareSchema.objects.filter(fingerprint=fingerprint()).count() >= network.spare_sites:
        return False
    schema = f"spare_{uuid.uuid4().hex}"
    template.replay(schema)
    with tenant_context(FakeTenant(schema)):
        beginnings.make(name=NAME)
    prove_tables(schema)
    prove_page(Site(name=NAME, slug="spare", schema_name=schema))
    SpareSchema.objects.create(schema_name=schema, fingerprint=fingerprint(), built_at=now)
    return True


def _remove_old() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT spare.id FROM sites_spareschema spare LEFT JOIN pg_namespace n ON n.nspname = spare.schema_name"
            " WHERE n.oid IS NULL OR spare.fingerprint <> %s",
            [fingerprint()],
        )
        old = [pk for (pk,) in cursor.fetchall()]
    for pk in old:
        _remove(pk)


@transaction.atomic
def _remove(pk: int) -> None:
    spare = SpareSchema.objects.select_for_update(skip_locked=True).filter(pk=pk).first()
    if spare is None:
        return
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(spare.schema_name)))
    spare.delete()
