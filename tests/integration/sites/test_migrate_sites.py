"""Migration rings: each site gets all or nothing, one that fails stops no other, and a second run goes on."""

import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from multiprocessing import get_context
from typing import Any

import psycopg
import pytest
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django_tenants.utils import tenant_context

from sites.models import Site, SiteMigration, SiteTemplate
from sites.operations import apply_entitlements, ensure_template, migrate, rings, site_migrations, template
from sites.operations.heads import standings
from sites.operations.migrate import Result, migrate_site
from sites.operations.site_lock import CLASS, alone_on
from sites.policies.rings import Ring
from sites.postgresql.base import current_connection
from tests.factories.at_once import locked_elsewhere
from tests.plugins.rings import (
    KEY,
    ANote,
    NoteInSteps,
    drop,
    has_the_note,
    known_template,
    small_sites,
)
from tests.plugins.sites import NOW

NewMigration = Callable[[type[ANote]], None]


def poison(*sites: Site) -> None:
    """Let the new migration find its column there already."""
    with connection.cursor() as cursor:
        for site in sites:
            cursor.execute(f"ALTER TABLE {site.schema_name}.content_siteidentity ADD note text")


def cure(*sites: Site) -> None:
    with connection.cursor() as cursor:
        for site in sites:
            cursor.execute(f"ALTER TABLE {site.schema_name}.content_siteidentity DROP note")


def migrate_all(**how: Any) -> rings.Report:
    return rings.migrate_all(rings.Run(clock=lambda: NOW, tell=lambda _outcome: None, **how))


def behind() -> list[int]:
    return [each.site.id for each in standings() if not each.is_current]


def rows(**which: Any) -> list[tuple[str, str]]:
    found = SiteMigration.objects.filter(**which).order_by("site")
    return list(found.values_list("site__slug", "state"))


def test_sites_that_have_all_migrations_cost_one_query_and_get_their_row_once(
    site_a: Site, site_b: Site, django_assert_num_queries, capsys
) -> None:
    call_command("migrate_sites")
    assert rows() == [("alpha", "done"), ("bravo", "done")]
    assert set(SiteMigration.objects.values_list("heads", flat=True)) == {site_migrations.heads()}
    with django_assert_num_queries(3):  # the template's row twice, and all sites at once
        call_command("migrate_sites")
    assert capsys.readouterr().out == ""


def test_a_site_gets_the_same_column_permission_and_record_as_from_django(
    site_a: Site, site_b: Site, new_migration: NewMigration
) -> None:
    new_migration(ANote)
    known_template()
    assert behind() == [site_a.pk, site_b.pk]
    report = migrate_all()
    assert (report.behind, [(ring.ring, ring.done) for ring in report.rings]) == (
        0,
        [("template", 0), ("sample", 2)],
    )
    assert has_the_note([site_a, site_b]) == ["alpha", "bravo"]
    assert behind() == []
    with tenant_context(site_a):
        assert KEY in MigrationRecorder(connection).applied_migrations()
        with connection.cursor() as cursor:
            columns = {
                c.name: c
                for c in connection.introspection.get_table_description(cursor, "content_siteidentity")
            }
        assert (columns["note"].display_size, columns["note"].null_ok, columns["note"].default) == (
            20,
            False,
            None,
        )
        assert Permission.objects.filter(codename="change_siteidentity").count() == 1


def test_permissions_that_a_migration_brings_are_made(site_a: Site, new_migration: NewMigration) -> None:
    new_migration(ANote)
    known_template()
    with tenant_context(site_a):
        Permission.objects.filter(codename="change_siteidentity").delete()
    migrate_all()
    with tenant_context(site_a):
        assert Permission.objects.filter(codename="change_siteidentity").count() == 1


def test_a_schema_nobody_vouched_for_is_looked_into_and_then_believed(site_a: Site) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"COMMENT ON SCHEMA {site_a.schema_name} IS NULL")
    assert behind() == [site_a.pk]
    assert migrate_all().behind == 0
    assert behind() == []


def test_a_site_that_fails_is_in_maintenance_and_untouched_until_it_is_migrated(
    site_a: Site, site_b: Site, new_migration: NewMigration, on_site: Callable[[Site], Client], capsys
) -> None:
    new_migration(ANote)
    known_template()
    poison(site_a)
    with pytest.raises(
        CommandError,
        match=r"1 of 2 sites are behind\. Failed and in maintenance: alpha\. Run migrate_sites again",
    ) as refused:
        call_command("migrate_sites", workers=1)
    assert refused.value.returncode == 2
    said = capsys.readouterr()
    assert re.search(r"bravo: migrated in \d\.\d\d s", said.out)
    assert re.search(r"sample +2 +1 +1 +0 +0 ", said.out)
    assert "alpha: failed: ProgrammingError: column" in said.err
    assert rows() == [("alpha", "failed"), ("bravo", "done")]
    assert "already exists" in SiteMigration.objects.get(site=site_a).error
    with tenant_context(site_a):
        assert KEY not in MigrationRecorder(connection).applied_migrations()

    cache.clear()
    page = on_site(site_a).get("/")
    assert (page.status_code, page["Retry-After"], page["Cache-Control"]) == (503, "120", "no-store")
    assert "being looked after" in page.content.decode()
    assert "Refresh" not in page
    assert on_site(site_b).get("/healthz").status_code == 200

    cure(site_a)
    call_command("migrate_sites", workers=1)
    site_a.refresh_from_db()
    assert (site_a.state, rows()) == (Site.State.READY, [("alpha", "done"), ("bravo", "done")])
    assert has_the_note([site_a, site_b]) == ["alpha", "bravo"]


def test_a_canary_that_fails_stops_the_run_before_any_other_site(
    site_template: SiteTemplate, new_migration: NewMigration
) -> None:
    sites = small_sites(8, canaries=2)
    new_migration(ANote)
    known_template()
    poison(sites[0])
    report = migrate_all()
    assert [(ring.ring, ring.done, len(ring.failed), ring.is_stopped) for ring in report.rings] == [
        ("template", 0, 0, False),
        ("canaries", 0, 1, True),
    ]
    assert (report.behind, has_the_note(sites)) == (8, ["s0"])  # which has it from the poison

    cure(sites[0])
    report = migrate_all()
    assert [(ring.ring, ring.done) for ring in report.rings] == [
        ("template", 0),
        ("canaries", 2),
        ("sample", 3),
        ("all", 3),
    ]
    assert has_the_note(sites) == [site.slug for site in sites]


def test_too_many_failures_stop_the_run_at_once(
    site_template: SiteTemplate, new_migration: NewMigration
) -> None:
    sites = small_sites(6)
    new_migration(ANote)
    known_template()
    poison(*sites)
    report = migrate_all()
    assert report.only_failed_are_behind is False
    assert [(r.ring, len(r.failed), r.left, r.is_stopped) for r in report.rings] == [
        ("template", 0, 0, False),
        ("sample", 2, 1, True),
    ]
    assert Site.objects.filter(state=Site.State.MAINTENANCE).count() == 2
    report = migrate_all(tolerate=6)
    assert [len(ring.failed) for ring in report.rings] == [0, 3, 3]
    assert report.only_failed_are_behind is True


def test_a_run_can_end_after_a_ring(site_template: SiteTemplate, new_migration: NewMigration) -> None:
    sites = small_sites(5, canaries=1)
    new_migration(ANote)
    known_template()
    with pytest.raises(
        CommandError, match=r"4 of 5 sites are behind\. The run ended after the ring canaries"
    ) as refused:
        call_command("migrate_sites", workers=1, until=Ring.CANARIES)
    assert refused.value.returncode == 1
    assert has_the_note(sites) == ["s0"]


def test_a_template_that_cannot_be_built_keeps_every_site_from_the_migrations(
    site_a: Site, new_migration: NewMigration, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails() -> str:
        raise template.TemplateError("pg_dump was not found.")

    new_migration(ANote)
    monkeypatch.setattr(template, "_dump", fails)
    with pytest.raises(CommandError, match=r"No site was touched\. pg_dump was not found\.") as refused:
        call_command("migrate_sites", workers=1)
    assert refused.value.returncode == 1
    assert behind() == [site_a.pk]


def test_the_template_goes_on_from_where_it_stands_and_begins_anew_when_its_past_changed(
    site_template: SiteTemplate, new_migration: NewMigration, monkeypatch: pytest.MonkeyPatch
) -> None:
    def from_nothing() -> None:
        raise AssertionError("built from nothing")

    monkeypatch.setattr(template, "_build_from_nothing", from_nothing)
    monkeypatch.setattr(template, "_dump", lambda: "CREATE SCHEMA site_template;")
    new_migration(ANote)
    SiteTemplate.objects.update(sources={"content.0001_initial": "another source"})
    with pytest.raises(AssertionError, match="built from nothing"):
        ensure_template(now=NOW)

    known = {name: source for name, source in site_migrations.sources().items() if name != ".".join(KEY)}
    SiteTemplate.objects.update(sources=known)
    made = ensure_template(now=NOW)
    assert made.sources == site_migrations.sources()
    assert (
        made.sql.splitlines()[-1] == f"COMMENT ON SCHEMA {template.NAME_HERE} IS '{site_migrations.heads()}';"
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT note FROM site_template.content_siteidentity")


def test_a_busy_site_is_left_alone_and_named(
    site_a: Site, site_b: Site, new_migration: NewMigration, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_migration(ANote)
    known_template()
    with (
        locked_elsewhere(CLASS, site_a.pk),
        pytest.raises(CommandError, match=r"1 of 2 sites are behind\. Busy: alpha\.") as refused,
    ):
        call_command("migrate_sites", workers=1)
    assert refused.value.returncode == 1
    site_a.refresh_from_db()
    assert site_a.state == Site.State.READY
    with alone_on(site_a.pk):
        pass  # the run let go of what it did not get


def test_a_lock_held_by_a_visitor_is_waited_for_in_turns(
    site_a: Site, new_migration: NewMigration, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_migration(ANote)
    monkeypatch.setattr(migrate, "LOCK_TIMEOUT", "20ms")
    pauses: list[float] = []
    visitor = psycopg.connect(_conninfo())
    visitor.execute(f"SELECT count(*) FROM {site_a.schema_name}.content_siteidentity")

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 2:
            visitor.rollback()

    monkeypatch.setattr(migrate, "sleep", pause)
    try:
        outcome = migrate_site(site_id=site_a.pk, now=NOW)
    finally:
        visitor.close()
    assert (outcome.result, outcome.attempts, pauses) == (Result.DONE, 3, [0.5, 1.0])
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("0",)


def test_a_lock_that_is_never_let_go_fails_after_five_attempts(
    site_a: Site, new_migration: NewMigration, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_migration(ANote)
    monkeypatch.setattr(migrate, "LOCK_TIMEOUT", "10ms")
    monkeypatch.setattr(migrate, "sleep", lambda _seconds: None)
    with psycopg.connect(_conninfo()) as visitor:
        visitor.execute(f"SELECT count(*) FROM {site_a.schema_name}.content_siteidentity")
        outcome = migrate_site(site_id=site_a.pk, now=NOW)
    assert (outcome.result, outcome.attempts) == (Result.FAILED, 5)
    assert outcome.error == "OperationalError: canceling statement due to lock timeout"


def test_a_site_in_the_recycle_bin_is_migrated_and_stays_there(
    site_a: Site, new_migration: NewMigration
) -> None:
    new_migration(ANote)
    known_template()
    Site.objects.filter(pk=site_a.pk).update(state=Site.State.RECYCLED, recycled_at=NOW)
    poison(site_a)
    assert migrate_all().behind == 1
    site_a.refresh_from_db()
    assert site_a.state == Site.State.RECYCLED
    cure(site_a)
    assert migrate_all().behind == 0
    site_a.refresh_from_db()
    assert site_a.state == Site.State.RECYCLED


def test_limits_reach_a_site_in_maintenance_and_do_not_open_it(site_a: Site) -> None:
    Site.objects.filter(pk=site_a.pk).update(state=Site.State.MAINTENANCE)
    apply_entitlements(site_id=site_a.pk, now=NOW)
    site_a.refresh_from_db()
    assert site_a.state == Site.State.MAINTENANCE


def _conninfo() -> str:
    found = connection.settings_dict
    return psycopg.conninfo.make_conninfo(
        host=found["HOST"],
        port=found["PORT"],
        user=found["USER"],
        password=found["PASSWORD"],
        dbname=found["NAME"],
    )


@pytest.fixture
def fifty(site_template: SiteTemplate) -> Iterator[list[Site]]:
    sites = small_sites(50, canaries=2)
    yield sites
    current_connection().set_schema_to_public()
    drop(sites)


@pytest.mark.django_db(transaction=True)
def test_of_fifty_sites_one_is_poisoned_and_one_worker_killed_and_in_the_end_all_but_one_are_done(
    site_template: SiteTemplate, fifty: list[Site], new_migration: NewMigration, capsys
) -> None:
    new_migration(ANote)
    known_template()
    poison(fifty[30])

    def stuck(_apps: Any, editor: Any) -> None:
        """In one of the sites, wait for a lock that only the test's end lets go."""
        if editor.connection.schema_name == fifty[20].schema_name:
            with editor.connection.cursor() as cursor:
                cursor.execute("RESET lock_timeout; SELECT pg_advisory_xact_lock(77)")

    ANote.extra = stuck
    with psycopg.connect(_conninfo()) as holder:
        holder.execute("SELECT pg_advisory_lock(77)")
        child = get_context("fork").Process(target=_run_alone)
        connection.close()
        child.start()
        _wait(lambda: bool(_waiting(holder)))
        done_before = len(_done(holder))
        assert child.pid is not None
        os.kill(child.pid, signal.SIGKILL)
        child.join()
    with psycopg.connect(_conninfo(), autocommit=True) as watcher:
        _wait(lambda: not _at_work(watcher))  # PostgreSQL has noticed
    ANote.extra = staticmethod(lambda _apps, _editor: None)
    assert rows(site=fifty[20]) == [("s20", "running")]  # what a killed process leaves
    assert 0 < done_before < 50
    killed_at = set(has_the_note(fifty))
    assert "s20" not in killed_at

    with pytest.raises(CommandError, match=r"1 of 50 sites are behind\. Failed and in maintenance: s30\."):
        call_command("migrate_sites", workers=2)
    assert capsys.readouterr().out.count(": migrated in ") == 50 - 1 - done_before
    assert has_the_note(fifty) == [site.slug for site in fifty]  # s30 has it from the poison
    assert rows(state="failed") == [("s30", "failed")]
    assert rows(state="running") == []
    assert list(Site.objects.exclude(state="ready").values_list("slug", "state")) == [("s30", "maintenance")]

    cure(fifty[30])
    call_command("migrate_sites", workers=2)
    assert behind() == []
    assert Site.objects.filter(state="ready").count() == 50


@pytest.mark.django_db(transaction=True)
def test_a_migration_outside_a_transaction_goes_on_after_what_it_did(
    site_template: SiteTemplate, new_migration: NewMigration
) -> None:
    sites = small_sites(2)
    try:
        new_migration(NoteInSteps)
        known_template()
        assert migrate_all().behind == 0
        assert has_the_note(sites) == ["s0", "s1"]
    finally:
        drop(sites)


def _run_alone() -> None:
    """In a process of its own: one worker, in place."""
    migrate_all()


def _done(holder: psycopg.Connection[Any]) -> list[Any]:
    return holder.execute("SELECT 1 FROM sites_sitemigration WHERE state = 'done'").fetchall()


def _waiting(holder: psycopg.Connection[Any]) -> list[Any]:
    return holder.execute("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted").fetchall()


def _at_work(watcher: psycopg.Connection[Any]) -> list[Any]:
    query = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND classid = %s"
    return watcher.execute(query, [CLASS]).fetchall()


def _wait(true: Callable[[], bool]) -> None:
    give_up = time.monotonic() + 60
    while not true():
        assert time.monotonic() < give_up
        time.sleep(0.02)
