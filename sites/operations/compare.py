"""What is in force in many sites' schemas, read without going into each."""

from collections import defaultdict
from collections.abc import Iterable

from django.db import connection
from psycopg import sql

from products.limits import Kind, Limits
from sites.models import Site

ROWS = "content_sitelimit"


def limits_in_force(sites: Iterable[Site]) -> dict[int, Limits]:
    """The limits that bite in each of `sites`, by its id, in two statements. One without its table is left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, schema_name FROM sites_site"
            " WHERE id = ANY(%s) AND to_regclass(format('%%I.%%I', schema_name, %s)) IS NOT NULL",
            [[site.pk for site in sites], ROWS],
        )
        schemas = cursor.fetchall()
        if not schemas:
            return {}
        rows_of = sql.SQL("SELECT {site}, kind, allowed FROM {table}")
        parts = [
            rows_of.format(site=sql.Literal(site_id), table=sql.Identifier(schema, ROWS))
            for site_id, schema in schemas
        ]
        cursor.execute(sql.SQL(" UNION ALL ").join(parts))
        amounts: dict[int, dict[str, int | None]] = defaultdict(dict)
        for site_id, kind, allowed in cursor.fetchall():
            amounts[site_id][kind] = allowed
    return {site_id: Limits.from_json(amounts[site_id]) for site_id, _schema in schemas}


def different_kinds(one: Limits, other: Limits) -> list[Kind]:
    return [kind for kind in Kind if one[kind] != other[kind]]
