"""Deleting a site: at once for its visitors, after thirty days for good."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError
from django.test import Client
from django_tenants.utils import schema_exists, tenant_context

from products.limits import Kind
from sites import tasks
from sites.content.storage import media_folder
from sites.entitlements import LimitReached
from sites.models import Domain, RetiredSchema, Site, SiteJob
from sites.operations import create_site
from sites.operations.recycle import NotInTheBin, erase_site, put_back_site, recycle_site
from tests.plugins.sites import NOW, set_limits

MONTH = timedelta(days=30)


def test_a_deleted_site_answers_like_an_unknown_address_and_comes_back_as_it_was(
    site_a: Site, site_b: Site, on_site, django_capture_on_commit_callbacks
) -> None:
    cache.clear()
    before = on_site(site_a).get("/")
    with django_capture_on_commit_callbacks(execute=True):
        recycle_site(site_id=site_a.pk, now=NOW)
    gone, unknown = on_site(site_a).get("/"), Client(headers={"host": "nobody.sites.localhost"}).get("/")
    assert (gone.status_code, gone.content, gone.headers) == (404, unknown.content, unknown.headers)
    assert on_site(site_b).get("/").status_code == 200

    with django_capture_on_commit_callbacks(execute=True):
        put_back_site(site_id=site_a.pk, now=NOW)
    after = on_site(site_a).get("/")
    assert (after.status_code, after.content) == (200, before.content)
    site_a.refresh_from_db()
    assert (site_a.state, site_a.recycled_at) == (Site.State.READY, None)


def test_deleted_twice_the_first_time_counts(site_a: Site) -> None:
    recycle_site(site_id=site_a.pk, now=NOW)
    recycle_site(site_id=site_a.pk, now=NOW + MONTH)
    site_a.refresh_from_db()
    assert site_a.recycled_at == NOW


def test_a_deleted_site_gives_its_place_away_and_needs_one_to_come_back(site_a: Site) -> None:
    set_limits(site_a, {Kind.SITES: 1})
    membership = site_a.membership
    with pytest.raises(LimitReached):
        create_site(membership=membership, name="Second", slug="second", now=NOW)
    recycle_site(site_id=site_a.pk, now=NOW)
    create_site(membership=membership, name="Second", slug="second", now=NOW)
    with pytest.raises(LimitReached):
        put_back_site(site_id=site_a.pk, now=NOW)
    site_a.refresh_from_db()
    assert site_a.state == Site.State.RECYCLED


def test_only_what_is_in_the_bin_is_put_back_or_erased(site_a: Site) -> None:
    with pytest.raises(NotInTheBin, match="is not in the recycle bin"):
        put_back_site(site_id=site_a.pk, now=NOW)
    with pytest.raises(NotInTheBin, match="has not been in the recycle bin for 30 days"):
        erase_site(site_id=site_a.pk, now=NOW, at_once=True)


def test_after_thirty_days_and_not_before_nothing_is_left_but_the_record(
    site_a: Site, settings: Any, tmp_path: Path, time_machine: Any, django_capture_on_commit_callbacks: Any
) -> None:
    settings.MEDIA_ROOT, settings.ARCHIVE_ROOT = tmp_path / "media", tmp_path
    with tenant_context(site_a):
        folder = media_folder()
    folder.mkdir(parents=True)
    (folder / "a.txt").write_bytes(b"12345")
    archive = tmp_path / "alpha.zip"
    archive.write_bytes(b"PK")
    SiteJob.objects.create(
        site=site_a, kind="export", archive="alpha.zip", asked_by="a@example.com", asked_at=NOW, state="done",
        finished_at=NOW,
    )  # fmt: skip
    uid, schema = site_a.uid, site_a.schema_name
    recycle_site(site_id=site_a.pk, now=NOW)
    time_machine.move_to(NOW + MONTH - timedelta(seconds=1))
    tasks.erase_old()
    assert Site.objects.filter(pk=site_a.pk).exists()

    time_machine.move_to(NOW + MONTH, tick=False)
    with django_capture_on_commit_callbacks(execute=True):
        tasks.erase_old()
    assert not archive.exists()
    assert (Site.objects.count(), Domain.objects.count()) == (0, 0)
    assert not schema_exists(schema)
    assert not folder.exists()
    record = RetiredSchema.objects.get()
    assert (record.site_uid, record.site_name, record.host) == (uid, "Alpha Garden", "alpha.sites.localhost")
    assert (record.reason, record.erased_at, record.files, record.bytes) == ("erased", NOW + MONTH, 1, 5)
    tasks.erase_old()
    assert RetiredSchema.objects.count() == 1


def test_a_record_cannot_be_dated_before_its_time(site_a: Site) -> None:
    with pytest.raises(IntegrityError, match="nothing_is_erased_before_its_time"):
        RetiredSchema.objects.create(
            schema_name=site_a.schema_name, reason="replaced", site_uid=site_a.uid, site_name="A", host="a",
            retired_at=NOW, erase_after=NOW, erased_at=NOW - MONTH,
        )  # fmt: skip


def test_the_command_deletes_puts_back_and_erases(
    site_a: Site, settings: Any, tmp_path: Path, capsys
) -> None:
    settings.MEDIA_ROOT = tmp_path
    call_command("delete_site", "alpha")
    call_command("delete_site", "alpha", "--put-back")
    with pytest.raises(CommandError, match="has not been in the recycle bin"):
        call_command("delete_site", "alpha", "--erase")
    call_command("delete_site", "alpha")
    call_command("delete_site", "alpha", "--erase")
    assert capsys.readouterr().out.splitlines() == [
        "alpha: in the recycle bin for 30 days",
        "alpha: Ready",
        "alpha: in the recycle bin for 30 days",
        "alpha: erased",
    ]
    with pytest.raises(CommandError, match="There is no site alpha"):
        call_command("delete_site", "alpha")
    assert not schema_exists(site_a.schema_name)
