"""The search path: one schema at a time, sent when it changes, right after whatever happened to it."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import DatabaseError, IntegrityError, ProgrammingError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import schema_context, tenant_context
from psycopg_pool import ConnectionPool

from accounts.models import User
from memberships.models import Membership
from sites.content.models import PostPage
from sites.models import Site
from sites.postgresql import base
from sites.postgresql.base import DatabaseWrapper, current_connection


def path() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('search_path')")
        return str(cursor.fetchone()[0])


def path_of(site: Site) -> str:
    return f"{site.schema_name}, extensions"


def test_a_site_sees_its_schema_and_the_extensions_and_nothing_else(site_a: Site) -> None:
    with tenant_context(site_a):
        assert path() == path_of(site_a)
    assert path() == "public, extensions"


def test_public_never_rides_along_whatever_include_public_says(site_a: Site) -> None:
    current_connection().set_tenant(site_a, include_public=True)
    try:
        assert path() == path_of(site_a)
    finally:
        current_connection().set_schema_to_public()


def test_a_table_that_only_the_network_has_is_an_error_in_a_site(site_a: Site) -> None:
    with (
        tenant_context(site_a),
        pytest.raises(ProgrammingError, match="memberships_membership"),
        transaction.atomic(),
    ):
        Membership.objects.count()


def test_a_table_that_only_sites_have_is_an_error_in_the_network(site_a: Site) -> None:
    with pytest.raises(ProgrammingError, match="content_postpage"), transaction.atomic():
        PostPage.objects.count()


def test_a_dropped_table_of_a_site_is_never_answered_from_the_network(site_a: Site) -> None:
    with tenant_context(site_a):
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE accounts_user CASCADE")
        with pytest.raises(ProgrammingError, match="accounts_user"), transaction.atomic():
            User.objects.count()


def test_the_path_is_sent_once_for_many_statements(site_a: Site) -> None:
    with tenant_context(site_a), CaptureQueriesContext(connection) as queries:
        for _ in range(3):
            User.objects.count()
    assert [query["sql"].split()[0] for query in queries] == ["SET", "SELECT", "SELECT", "SELECT"]


def test_entering_the_same_site_again_sends_nothing(site_a: Site) -> None:
    with tenant_context(site_a):
        User.objects.count()
    with CaptureQueriesContext(connection) as queries, tenant_context(site_a):
        pass
    with tenant_context(site_a), CaptureQueriesContext(connection) as again:
        User.objects.count()
    assert len(queries) == 0
    assert len(again) == 1


# ruff: noqa: PT012, SIM117 -- where the error is raised, and inside what, is what these tests are about


def test_the_path_is_right_after_a_rollback_to_a_savepoint(site_a: Site, site_b: Site) -> None:
    with tenant_context(site_a):
        User.objects.count()
        with pytest.raises(IntegrityError), transaction.atomic():
            with tenant_context(site_b):
                User.objects.count()  # the path of B is set inside the savepoint, and goes with it
            raise IntegrityError
        assert path() == path_of(site_a)


def test_the_path_is_right_after_a_statement_that_failed(site_a: Site, site_b: Site) -> None:
    with tenant_context(site_a):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT nonsense")
    with tenant_context(site_b):
        assert path() == path_of(site_b)


@pytest.mark.django_db(transaction=True)
def test_the_path_is_right_after_a_rollback() -> None:
    connection.close()
    with schema_context("site_x"):
        assert path() == "site_x, extensions"
        with pytest.raises(DatabaseError), transaction.atomic():
            with schema_context("site_y"):
                assert path() == "site_y, extensions"
            raise DatabaseError
        assert path() == "site_x, extensions"


@pytest.mark.django_db(transaction=True)
def test_a_path_set_in_a_transaction_is_sent_anew_after_its_rollback() -> None:
    connection.close()
    with schema_context("site_x"):
        with pytest.raises(DatabaseError), transaction.atomic():
            assert path() == "site_x, extensions"
            raise DatabaseError
        assert path() == "site_x, extensions"


@pytest.mark.django_db(transaction=True)
def test_a_commit_that_fails_takes_the_path_with_it(site_template: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE parent (id int PRIMARY KEY)")
        cursor.execute("CREATE TABLE child (id int REFERENCES parent DEFERRABLE INITIALLY DEFERRED)")
    try:
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("INSERT INTO child VALUES (1)")
            with schema_context("site_x"):
                path()
        with schema_context("site_x"):
            assert path() == "site_x, extensions"
        assert path() == "public, extensions"
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE child; DROP TABLE parent")


@pytest.mark.django_db(transaction=True)
def test_a_connection_from_the_pool_has_the_path_of_who_asks_not_of_who_had_it() -> None:
    wrapper = pooled()
    try:
        seen = []
        for schema in ("site_x", "site_y", "public", "site_x"):
            wrapper.set_schema(schema)
            with wrapper.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid(), current_setting('search_path')")
                seen.append(cursor.fetchone())
            wrapper.close()
        assert [found for _pid, found in seen] == [
            f"{s}, extensions" for s in ("site_x", "site_y", "public", "site_x")
        ]
        assert len({pid for pid, _found in seen}) == 1  # it was one session all the time
    finally:
        wrapper.close_pool()


@pytest.mark.django_db(transaction=True)
def test_a_server_session_that_has_seen_many_sites_ends_when_its_user_is_done(monkeypatch) -> None:
    monkeypatch.setattr(base, "SCHEMAS_IN_A_SESSION", 2)
    wrapper = pooled()
    try:
        pids = []
        for schema in ("site_x", "site_y", "site_x", "site_z", "site_x"):
            wrapper.set_schema(schema)
            with wrapper.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                pids.append(cursor.fetchone()[0])
            wrapper.close()
        assert (
            len(set(pids[:4])) == 1
        )  # the third site is still served by the session that it is too much for
        assert pids[4] != pids[3]
    finally:
        wrapper.close_pool()


@pytest.mark.django_db(transaction=True)
def test_without_a_pool_such_a_connection_is_closed_at_the_end_of_the_request(monkeypatch) -> None:
    monkeypatch.setattr(base, "SCHEMAS_IN_A_SESSION", 1)
    connection.close()
    for schema, is_open in (("site_x", True), ("site_y", False)):
        with schema_context(schema), connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        connection.close_if_unusable_or_obsolete()
        assert (connection.connection is not None) is is_open


@pytest.mark.django_db(transaction=True)
def test_a_transaction_left_open_when_the_connection_goes_back_to_the_pool_leaves_no_path_behind() -> None:
    wrapper = pooled()
    try:
        wrapper.set_schema("site_x")
        wrapper.set_autocommit(False)
        with wrapper.cursor() as cursor:
            cursor.execute("SELECT 1")
        wrapper.close()  # the pool rolls back, and the SET with it
        with wrapper.cursor() as cursor:
            cursor.execute("SELECT current_setting('search_path')")
            assert cursor.fetchone() == ("site_x, extensions",)
    finally:
        wrapper.close()
        wrapper.close_pool()


@pytest.mark.django_db(transaction=True)
def test_threads_work_in_their_own_sites() -> None:
    both = threading.Barrier(2)

    def work(schema: str) -> set[str]:
        try:
            with schema_context(schema):
                both.wait(10)
                return {path() for _ in range(50)}
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(work, ["site_x", "site_y"]))
    assert found == [{"site_x, extensions"}, {"site_y, extensions"}]


def test_a_named_cursor_reads_its_site(site_a: Site) -> None:
    with tenant_context(site_a):
        emails = [user.email for user in User.objects.all().iterator(chunk_size=1)]
    assert emails == ["alpha-owner@example.com"]


def test_content_types_are_remembered_per_schema(site_a: Site) -> None:
    ContentType.objects.clear_cache()
    with tenant_context(site_a):
        in_site = ContentType.objects.get_for_model(User).pk
    in_network = ContentType.objects.get_for_model(User).pk
    with tenant_context(site_a), CaptureQueriesContext(connection) as queries:
        again = ContentType.objects.get_for_model(User).pk
    assert in_network != in_site  # apps are made in another order there
    assert again == in_site
    assert len(queries) == 0


def test_with_site_is_refused(site_a: Site) -> None:
    with pytest.raises(TypeError, match="tenant_context"), site_a:
        pass


def pooled() -> DatabaseWrapper:
    """A connection of its own with a pool of one server session."""
    settings = connection.copy().settings_dict
    settings["CONN_MAX_AGE"] = 0  # the pool keeps the session, not the wrapper
    settings["OPTIONS"] = {"pool": {"min_size": 1, "max_size": 1, "timeout": 5}}
    wrapper = DatabaseWrapper(settings, alias="pooled")
    assert isinstance(wrapper.pool, ConnectionPool)
    return wrapper
