"""What network admins ask to be done with a site: by page, in the background, once."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from accounts.models import User
from sites import tasks
from sites.admin.job import SiteJobAdmin
from sites.models import RetiredSchema, Site, SiteJob
from sites.operations import create_site, jobs
from tests.factories.at_once import locked_elsewhere
from tests.plugins.sites import NOW


@pytest.fixture(autouse=True)
def _own_folders(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.ARCHIVE_ROOT = tmp_path / "archives"


def desk(*permissions: str) -> Client:
    user = User.objects.create_user("desk@example.com", name="Desk", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    browser = Client(headers={"host": "localhost"})
    browser.force_login(user)
    return browser


@pytest.fixture
def admin() -> Client:
    return desk("view_site", "view_sitejob", "care_for_sites")


def job(site: Site, kind: str = "export", **what: Any) -> SiteJob:
    what.setdefault("archive", "a.zip")
    return SiteJob.objects.create(site=site, kind=kind, asked_by="a@example.com", asked_at=NOW, **what)


def test_a_page_that_a_worker_overtakes_looks_again(
    site_a: Site, admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = job(site_a)
    page = f"/admin/sites/sitejob/{made.pk}/change/"
    read = SiteJobAdmin.get_object

    def read_before_it_is_done(*args: Any, **kwargs: Any) -> SiteJob | None:
        row = read(*args, **kwargs)
        tasks.run_job(job_id=made.pk)
        return row

    monkeypatch.setattr(SiteJobAdmin, "get_object", read_before_it_is_done)
    assert admin.get(page)["Refresh"] == "2"
    assert "Refresh" not in admin.get(page)


def test_an_admin_exports_restores_and_downloads_a_site(site_a: Site, admin: Client) -> None:
    page = f"/admin/sites/site/{site_a.pk}"
    assert admin.get(f"{page}/export/").status_code == 200
    shown = admin.post(f"{page}/export/")
    made = SiteJob.objects.get()
    assert (shown.status_code, shown["Location"]) == (302, f"/admin/sites/sitejob/{made.pk}/change/")
    waiting = admin.get(shown["Location"])
    assert (waiting.status_code, waiting["Refresh"]) == (200, "2")
    tasks.run_job(job_id=made.pk)
    made.refresh_from_db()
    assert (made.state, made.error) == ("done", "")
    assert "Refresh" not in admin.get(shown["Location"])
    file: Any = admin.get(f"/admin/sites/sitejob/{made.pk}/download/")
    assert b"".join(file.streaming_content)[:2] == b"PK"

    form = admin.get(f"{page}/restore/")
    assert made.archive in form.content.decode()
    admin.post(f"{page}/restore/", {"archive": made.archive})
    again = SiteJob.objects.get(kind="restore")
    tasks.run_job(job_id=again.pk)
    again.refresh_from_db()
    schema = site_a.schema_name
    site_a.refresh_from_db()
    assert (again.state, site_a.schema_name == schema) == ("done", False)


def test_a_site_without_an_export_says_what_to_do_first(site_a: Site, admin: Client) -> None:
    page = admin.get(f"/admin/sites/site/{site_a.pk}/restore/").content.decode()
    assert "There is no export of this site. Export it first." in page


def test_an_admin_decides_which_sites_get_new_migrations_first(site_a: Site, admin: Client) -> None:
    chosen = {"_selected_action": site_a.pk}
    for action, is_canary, said in (
        ("make_canaries", True, "1 site gets new migrations first."),
        ("make_others", False, "1 site gets new migrations with the others."),
    ):
        answer = admin.post("/admin/sites/site/", {"action": action, **chosen}, follow=True)
        site_a.refresh_from_db()
        assert (site_a.is_canary, said in answer.content.decode()) == (is_canary, True)


def test_an_archive_that_is_not_the_sites_cannot_be_chosen(site_a: Site, site_b: Site, admin: Client) -> None:
    made = job(site_b)
    tasks.run_job(job_id=made.pk)
    for archive in ("a.zip", "../../etc/passwd"):
        answer = admin.post(f"/admin/sites/site/{site_a.pk}/restore/", {"archive": archive})
        assert answer.status_code == 422
    assert SiteJob.objects.count() == 1


def test_an_admin_clones_a_site(site_a: Site, admin: Client) -> None:
    page = f"/admin/sites/site/{site_a.pk}/clone/"
    refused = admin.post(page, {"name": "Copy", "slug": "alpha"})
    assert (refused.status_code, "This address is taken" in refused.content.decode()) == (422, True)
    admin.post(page, {"name": "Copy", "slug": "copy"})
    tasks.run_job(job_id=SiteJob.objects.get().pk)
    assert list(Site.objects.values_list("slug", "state")) == [("alpha", "ready"), ("copy", "ready")]


def test_a_clone_that_was_killed_is_made_again_without_what_it_left(site_a: Site) -> None:
    half = create_site(membership=site_a.membership, name="Copy", slug="copy", now=NOW)
    killed = job(site_a, kind="clone", name="Copy", slug="copy", state="running", started_at=NOW)
    jobs.run_job(job_id=killed.pk, now=NOW.replace(minute=45))
    killed.refresh_from_db()
    assert (killed.state, killed.error, killed.started_at) == ("done", "", NOW.replace(minute=45))
    copy = Site.objects.get(slug="copy")
    assert (copy.state, copy.created_at, Site.objects.count()) == ("ready", NOW.replace(minute=45), 2)
    left = RetiredSchema.objects.get(site_uid=half.uid)
    assert (left.schema_name, left.reason) == (half.schema_name, "erased")


def test_a_site_that_no_attempt_of_the_job_made_is_left_alone(site_a: Site) -> None:
    other = create_site(membership=site_a.membership, name="Own", slug="copy", now=NOW)
    killed = job(
        site_a, kind="clone", name="Copy", slug="copy", state="running", started_at=NOW.replace(minute=31)
    )
    jobs.run_job(job_id=killed.pk, now=NOW.replace(minute=45))
    killed.refresh_from_db()
    assert killed.state == "failed"
    assert Site.objects.get(slug="copy") == other


def test_whoever_deletes_a_site_types_its_address(site_a: Site, admin: Client) -> None:
    page = f"/admin/sites/site/{site_a.pk}/recycle/"
    assert admin.post(page, {"slug": "bravo"}).status_code == 422
    assert admin.post(page, {"slug": "alpha"}).status_code == 302
    site_a.refresh_from_db()
    assert site_a.state == Site.State.RECYCLED
    assert admin.post(f"/admin/sites/site/{site_a.pk}/put-back/").status_code == 302
    site_a.refresh_from_db()
    assert site_a.state == Site.State.READY


@pytest.mark.parametrize("way", ["export", "restore", "clone", "recycle", "put-back"])
def test_who_may_only_look_may_not_care(site_a: Site, way: str) -> None:
    browser = desk("view_site", "view_sitejob")
    assert browser.post(f"/admin/sites/site/{site_a.pk}/{way}/", {"slug": "alpha"}).status_code == 403
    made = job(site_a)
    tasks.run_job(job_id=made.pk)
    assert browser.get(f"/admin/sites/sitejob/{made.pk}/download/").status_code == 403


def test_a_site_has_one_job_at_a_time(site_a: Site, admin: Client) -> None:
    job(site_a)
    answer = admin.post(f"/admin/sites/site/{site_a.pk}/export/", follow=True)
    assert "A job on this site is under way" in answer.content.decode()
    assert SiteJob.objects.count() == 1


def test_a_job_that_fails_says_why_and_one_that_is_done_is_not_done_again(site_a: Site) -> None:
    failed = job(site_a, kind="restore", archive="nowhere.zip")
    jobs.run_job(job_id=failed.pk, now=NOW)
    failed.refresh_from_db()
    assert (failed.state, failed.finished_at) == ("failed", NOW)
    assert failed.error.startswith("There is no file ")
    jobs.run_job(job_id=failed.pk, now=NOW.replace(year=2027))
    failed.refresh_from_db()
    assert failed.finished_at == NOW


def test_a_job_somebody_is_at_is_left_to_them_and_a_lost_one_is_found(site_a: Site) -> None:
    made = job(site_a)
    with locked_elsewhere(jobs.LOCK, made.pk):
        jobs.run_job(job_id=made.pk, now=NOW)
    made.refresh_from_db()
    assert made.state == "waiting"
    assert jobs.unfinished(now=NOW) == []
    assert jobs.unfinished(now=NOW.replace(minute=40)) == [made.pk]


def test_progress_is_seen_while_a_job_runs(site_a: Site, monkeypatch) -> None:
    made, seen = job(site_a), []

    def export(*, tell: Any, **_: Any) -> None:
        tell(42, "content_homepage")
        seen.append(jobs.progress(made))

    monkeypatch.setattr(jobs, "export_site", export)
    jobs.run_job(job_id=made.pk, now=NOW)
    assert seen == [(42, "content_homepage")]


def test_old_jobs_go_with_their_archives(site_a: Site) -> None:
    made = job(site_a)
    jobs.run_job(job_id=made.pk, now=NOW)
    jobs.forget_old(now=NOW + jobs.ARCHIVES_KEPT)
    assert made.path.exists()
    jobs.forget_old(now=NOW.replace(year=2027))
    assert (made.path.exists(), SiteJob.objects.count()) == (False, 0)


def test_the_commands_export_restore_and_clone(site_a: Site, tmp_path: Path, capsys) -> None:
    file = tmp_path / "alpha.zip"
    call_command("export_site", "alpha", str(file))
    call_command("restore_site", "alpha", str(file))
    call_command("clone_site", "alpha", "copy", "--name", "Copy")
    said = capsys.readouterr()
    assert said.out.splitlines()[1:] == [
        f"alpha: restored from {file}",
        "copy: http://copy.sites.localhost:8000/",
    ]
    assert "100 % " in said.err
    with pytest.raises(CommandError, match=r"Nothing was changed\. This archive is of another site"):
        call_command("restore_site", "copy", str(file))
    with pytest.raises(CommandError, match="is there already"):
        call_command("export_site", "alpha", str(file))
    with pytest.raises(CommandError, match="No site was made"):
        call_command("clone_site", "alpha", "copy")
