"""Which migrations a site's schema has, known without entering it.

Whoever brings a schema to the migrations of this code writes their digest into the schema's comment, in the same
transaction. So it travels with the schema when that is renamed, comes from a rollback as it was, and one query of the
catalogue tells it of all sites. A schema without it, or with another, is behind until somebody looked inside.
"""

from dataclasses import dataclass

from django.db import connection
from psycopg import sql

from sites.operations.site_migrations import heads
from sites.policies.rings import Member


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A site, and whether its schema has the migrations of this code."""

    site: Member
    is_current: bool
    is_recorded: bool  # as current, in its SiteMigration


def stamp(schema: str) -> None:
    """Say of `schema` that it has the migrations of this code."""
    statement = sql.SQL("COMMENT ON SCHEMA {} IS {}").format(sql.Identifier(schema), sql.Literal(heads()))
    with connection.cursor() as cursor:
        cursor.execute(statement)


def is_current(schema: str) -> bool:
    """Whether `schema` is there and has the migrations of this code."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT obj_description(oid, 'pg_namespace') = %s FROM pg_namespace WHERE nspname = %s",
            [heads(), schema],
        )
        row = cursor.fetchone()
    return bool(row and row[0])


def standings() -> list[Standing]:
    """All sites that have a schema, in one statement that looks into none."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT site.id, site.uid, site.is_canary,
                   coalesce(obj_description(schema.oid, 'pg_namespace') = %(heads)s, false),
                   coalesce(known.state = 'done' AND known.heads = %(heads)s, false)
              FROM sites_site site
              JOIN pg_namespace schema ON schema.nspname = site.schema_name
              LEFT JOIN sites_sitemigration known ON known.site_id = site.id
             ORDER BY site.id
            """,
            {"heads": heads()},
        )
        return [
            Standing(
                site=Member(id=site_id, uid=uid, is_canary=is_canary),
                is_current=is_current,
                is_recorded=is_recorded,
            )
            for site_id, uid, is_canary, is_current, is_recorded in cursor.fetchall()
        ]
