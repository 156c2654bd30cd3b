"""The demo starts again with what people have left in it."""

import psycopg
from psycopg import sql

from accounts.models import User
from checkout.imports.models import ImportJob
from config.demo.seed import CAST
from memberships.models import Customer, Membership, Note
from products.models import Price, Product
from sites.models import OwnerVisit
from tests.stack import Stack

MADE = [
    model._meta.db_table
    for model in (User, Customer, Membership, Note, ImportJob, Product, Price, OwnerVisit)
]


def test_nothing_is_made_twice_and_what_has_moved_stays_away(stack: Stack) -> None:
    moved = CAST[-1]
    with psycopg.connect(stack.database_url, autocommit=True) as connection:
        connection.execute("UPDATE sites_site SET slug = 'moved' WHERE slug = %s", [moved.slug])
        before = [_count(connection, table) for table in MADE]
        try:
            stack.run("-m", "config.demo.prepare", str(stack.folder / "logins-again"))
            assert [_count(connection, table) for table in MADE] == before
        finally:
            connection.execute("UPDATE sites_site SET slug = %s WHERE slug = 'moved'", [moved.slug])
    said = (stack.folder / "logins-again").read_text()
    assert moved.email in said
    assert stack.site(moved.slug) not in said
    assert stack.site("keller") in said


def _count(connection: psycopg.Connection, table: str) -> int:
    row = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
    assert row is not None
    return int(row[0])
