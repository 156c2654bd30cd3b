"""Rows go from schema to schema as they are, in any order, and nothing of a third schema is touched."""

import pytest
from django.db import IntegrityError, connection, transaction
from django_tenants.postgresql_backend.base import FakeTenant
from django_tenants.utils import tenant_context
from psycopg import sql

from sites.content.models import BlogIndexPage, PostPage
from sites.models import Site, SiteTemplate
from sites.operations import site_migrations, template
from sites.postgresql import copy

OTHER = "site_" + "c" * 32


def rows(schema: str, table: copy.Table) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        columns = sql.SQL(", ").join(map(sql.Identifier, table.columns))
        cursor.execute(
            sql.SQL("SELECT {c} FROM {t} ORDER BY {c}").format(
                c=columns, t=sql.Identifier(schema, table.name)
            )
        )
        return list(cursor.fetchall())


@pytest.fixture
def full(site_a: Site) -> Site:
    with tenant_context(site_a):
        post = PostPage(title="Tab\tnew\nline \\N 'quote' ü", body=[("text", "<p>{}</p>")])
        BlogIndexPage.objects.get().add_child(instance=post)
        post.tags.add("green")
        post.save_revision().publish()
    return site_a


def move(source: str, target: str) -> None:
    tables = copy.tables_in(source)
    copy.empty(tables, schema=target)
    with copy.references_checked_at_the_end():
        for table in tables:
            copy.copy_in(table, list(copy.copy_out(table, schema=source)), schema=target)
    copy.set_sequences(target)


def test_a_copied_schema_holds_the_same_rows_in_every_table(full: Site) -> None:
    template.replay(OTHER)
    move(full.schema_name, OTHER)
    tables = copy.tables_in(full.schema_name)
    assert {table.name for table in tables} == site_migrations.tables_of_models() | {"django_migrations"}
    for table in tables:
        assert rows(OTHER, table) == rows(full.schema_name, table), table.name


def test_a_copied_schema_goes_on_counting_where_the_other_stopped(full: Site) -> None:
    template.replay(OTHER)
    move(full.schema_name, OTHER)
    with tenant_context(FakeTenant(OTHER)):
        highest = PostPage.objects.get().pk
        post = PostPage(title="The next")
        BlogIndexPage.objects.get().add_child(instance=post)
        assert post.pk > highest
    with tenant_context(full):
        assert list(PostPage.objects.values_list("pk", flat=True)) == [highest]


def test_an_empty_numbered_table_begins_with_one(site_template: SiteTemplate) -> None:
    template.replay(OTHER)
    copy.set_sequences(OTHER)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT nextval('{OTHER}.content_posttag_id_seq')")
        assert cursor.fetchone() == (1,)


def test_a_row_whose_reference_did_not_come_is_an_error(full: Site) -> None:
    template.replay(OTHER)
    tables = copy.tables_in(full.schema_name)
    copy.empty(tables, schema=OTHER)
    post = next(table for table in tables if table.name == "content_postpage")
    parts = list(copy.copy_out(post, schema=full.schema_name))
    with pytest.raises(IntegrityError), transaction.atomic(), copy.references_checked_at_the_end():
        assert copy.copy_in(post, parts, schema=OTHER) == 1


def test_every_reference_in_a_site_may_be_checked_late(site_a: Site) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint"
            " WHERE contype = 'f' AND NOT condeferrable AND connamespace = %s::regnamespace",
            [site_a.schema_name],
        )
        assert cursor.fetchall() == []


def test_a_schema_that_is_not_there_has_no_tables(db: None) -> None:
    assert copy.tables_in(OTHER) == []
