"""The rows of a schema, out of it and into another, table by table.

Tables come in the order of their names: Django's foreign keys are deferrable, and Wagtail's lead in circles, so
references are checked once, at the end (`check_references`). Everything here belongs into one transaction of the
caller's, and names its schema itself: which one the connection works in does not matter.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection
from psycopg import sql


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table and its columns by name; generated ones are left out, as nobody can write them."""

    name: str
    columns: tuple[str, ...]


def tables_in(schema: str) -> list[Table]:
    """The tables of `schema`, in one statement that reads only what belongs to this schema: among a thousand others
    a scan of the catalogue would take most of the time. Empty when there is no such schema."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.relname, array_agg(a.attname::text ORDER BY a.attnum)
              FROM pg_namespace n
              JOIN pg_depend d ON d.refclassid = 'pg_namespace'::regclass AND d.refobjid = n.oid
                              AND d.classid = 'pg_class'::regclass
              JOIN pg_class c ON c.oid = d.objid AND c.relkind = 'r'
              JOIN pg_attribute a ON a.attrelid = c.oid
                                 AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
             WHERE n.nspname = %s GROUP BY c.relname ORDER BY c.relname
            """,
            [schema],
        )
        return [Table(name=name, columns=tuple(columns)) for name, columns in cursor.fetchall()]


def copy_out(table: Table, *, schema: str) -> Iterator[bytes]:
    """The table's rows in PostgreSQL's text format, in parts of no certain size. Until the last part is taken, the
    connection can do nothing else: keep them before `copy_in`."""
    statement = sql.SQL("COPY {} TO STDOUT").format(_place(table, schema))
    with connection.cursor() as cursor, cursor.copy(statement) as rows:
        for part in rows:
            yield bytes(part)


def copy_in(table: Table, parts: Iterable[bytes], *, schema: str) -> int:
    """Add rows in PostgreSQL's text format. Returns how many there were."""
    statement = sql.SQL("COPY {} FROM STDIN").format(_place(table, schema))
    with connection.cursor() as cursor:
        with cursor.copy(statement) as rows:
            for part in parts:
                rows.write(part)
        return int(cursor.rowcount)


def empty(tables: Iterable[Table], *, schema: str) -> None:
    """Take every row out of `tables`, which hold whatever other tables of the schema refer to."""
    names = [sql.Identifier(schema, table.name) for table in tables]
    if names:
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("TRUNCATE {}").format(sql.SQL(", ").join(names)))


def set_sequences(schema: str) -> None:
    """Let every numbered column of `schema` go on after its highest number."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT s.relname, t.relname, a.attname
              FROM pg_namespace n
              JOIN pg_depend o ON o.refclassid = 'pg_namespace'::regclass AND o.refobjid = n.oid
                              AND o.classid = 'pg_class'::regclass
              JOIN pg_class s ON s.oid = o.objid AND s.relkind = 'S'
              JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = s.oid
                              AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
              JOIN pg_class t ON t.oid = d.refobjid
              JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
             WHERE n.nspname = %s
            """,
            [schema],
        )
        one = sql.SQL(
            "SELECT setval({sequence}, coalesce(max({column}), 1), max({column}) IS NOT NULL) FROM {table}"
        )
        each = [
            one.format(
                sequence=sql.Literal(sql.Identifier(schema, sequence).as_string(None)),
                column=sql.Identifier(column),
                table=sql.Identifier(schema, table),
            )
            for sequence, table, column in cursor.fetchall()
        ]
        if each:
            cursor.execute(sql.SQL(" UNION ALL ").join(each))


@contextmanager
def references_checked_at_the_end() -> Iterator[None]:
    """Rows may come in any order inside. Raises IntegrityError at the end when one refers to none that is there."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        yield
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def _place(table: Table, schema: str) -> sql.Composed:
    columns = sql.SQL(", ").join(map(sql.Identifier, table.columns))
    return sql.SQL("{} ({})").format(sql.Identifier(schema, table.name), columns)
