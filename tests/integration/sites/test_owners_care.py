"""What owners do with their own site: have a copy made and fetch it, delete it, take it back."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.utils import timezone

from products.limits import Kind
from sites import tasks
from sites.models import Role, Site, SiteJob
from sites.operations.create import create_site
from tests.integration.sites.test_people import network, owner, works_on
from tests.plugins.sites import NOW, set_limits

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_folders(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.ARCHIVE_ROOT = tmp_path / "archives"


def asked(site: Site) -> SiteJob:
    """A copy that its owner has asked for."""
    network(owner(site)).post(f"/sites/{site.uid}/copies/")
    return SiteJob.objects.get(site=site, finished_at=None)


def made(site: Site) -> SiteJob:
    job = asked(site)
    tasks.run_job(job_id=job.pk)
    job.refresh_from_db()
    assert (job.state, job.error) == ("done", "")
    return job


# -- copies


def test_a_copy_is_asked_for_watched_and_fetched(site_a: Site) -> None:
    browser, url = network(owner(site_a)), f"/sites/{site_a.uid}/copies/"
    assert "No copy yet" in browser.get(url).content.decode()
    assert browser.post(url)["Location"] == url
    waiting = browser.get(url).content.decode()
    assert "Being made: 0 %" in waiting
    assert 'hx-trigger="every 2s"' in waiting
    assert '<meta http-equiv="refresh" content="3">' in waiting
    job = SiteJob.objects.get()
    assert (job.kind, job.asked_by) == ("export", "alpha-owner@example.com")
    assert browser.get(f"{url}{job.uid}/").status_code == 404
    tasks.run_job(job_id=job.pk)
    part = browser.get(url, headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith('<div id="copies"')
    assert "hx-trigger" not in part
    file: Any = browser.get(f"{url}{job.uid}/")
    assert file["Content-Disposition"] == f'attachment; filename="{job.archive}"'
    assert file["Cache-Control"] == "private, no-store"
    assert b"".join(file.streaming_content)[:2] == b"PK"


def test_a_copy_can_be_fetched_for_a_week(site_a: Site) -> None:
    job, url = made(site_a), f"/sites/{site_a.uid}/copies/"
    assert job.finished_at is not None
    for late, status, shown in ((timedelta(days=7, seconds=-1), 200, 1), (timedelta(days=7), 404, 0)):
        with time_machine.travel(job.finished_at + late, tick=False):
            browser = network(owner(site_a))
            file: Any = browser.get(f"{url}{job.uid}/")
            assert file.status_code == status
            if status == 200:
                assert b"".join(file.streaming_content)  # which closes the file
            assert len(browser.get(url).context["copies"]) == shown


def test_a_copy_that_failed_says_so_without_the_reason(site_a: Site) -> None:
    job = asked(site_a)
    SiteJob.objects.filter(pk=job.pk).update(state="failed", error="/secret/path", finished_at=timezone.now())
    page = network(owner(site_a)).get(f"/sites/{site_a.uid}/copies/").content.decode()
    assert "This did not work, and your site is as it was." in page
    assert "secret" not in page


def test_one_copy_is_made_at_a_time_and_five_a_day(site_a: Site) -> None:
    browser, url = network(owner(site_a)), f"/sites/{site_a.uid}/copies/"
    browser.post(url)
    again = browser.post(url, follow=True).content.decode()
    assert "Somebody is at work on this site already." in again
    assert SiteJob.objects.count() == 1
    SiteJob.objects.update(state="done", finished_at=timezone.now())
    for _ in range(4):
        browser.post(url)
        SiteJob.objects.filter(finished_at=None).update(state="done", finished_at=timezone.now())
    assert SiteJob.objects.count() == 5
    assert "You have had many copies made today." in browser.post(url, follow=True).content.decode()
    assert SiteJob.objects.count() == 5


# -- deleting and taking back


def test_a_site_is_deleted_and_taken_back(site_a: Site, on_site) -> None:
    browser = network(owner(site_a))
    page = browser.get(f"/sites/{site_a.uid}/delete/").content.decode()
    assert "Everything is kept for 30 days, and you can take it back." in page
    gone = browser.post(f"/sites/{site_a.uid}/delete/", {"slug": " Alpha "})
    assert gone["Location"] == f"{site_a.account_url}#sites"
    account = browser.get(f"/account/{site_a.membership.uid}/").content.decode()
    assert "Alpha Garden is deleted. You can take it back for 30 days." in account
    assert "Deleted sites" in account
    assert on_site(site_a).get("/").status_code == 404
    assert browser.get(f"/sites/{site_a.uid}/delete/").status_code == 404
    assert browser.get(f"/sites/{site_a.uid}/").status_code == 404
    back = browser.post(f"/sites/{site_a.uid}/put-back/")
    assert back["Location"] == f"{site_a.account_url}#sites"
    assert "Alpha Garden is back." in browser.get(f"/account/{site_a.membership.uid}/").content.decode()
    assert Site.objects.get(pk=site_a.pk).state == Site.State.READY
    cache.clear()  # what the commit does, which no test has
    assert on_site(site_a).get("/").status_code == 200
    again = browser.post(f"/sites/{site_a.uid}/put-back/", follow=False)
    assert again.status_code == 302
    assert "This site is not deleted." in browser.get(f"/account/{site_a.membership.uid}/").content.decode()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Type the first part of the site&#x27;s address."),
        ("bravo", "This is not the address of this site. Type “alpha”."),
        ("x" * 500, "Ensure this value has at most 40 characters (it has 500)."),
    ],
    ids=["nothing", "another", "huge"],
)
def test_a_site_is_deleted_only_by_its_address(site_a: Site, typed: str, said: str) -> None:
    page = network(owner(site_a)).post(f"/sites/{site_a.uid}/delete/", {"slug": typed})
    assert page.status_code == 422
    assert said in page.content.decode()
    assert Site.objects.get(pk=site_a.pk).state == Site.State.READY


def test_without_room_a_site_stays_deleted_and_kept(site_a: Site) -> None:
    browser, account = network(owner(site_a)), f"/account/{site_a.membership.uid}/"
    browser.post(f"/sites/{site_a.uid}/delete/", {"slug": "alpha"})
    set_limits(site_a, {Kind.SITES: 1})
    create_site(membership=site_a.membership, name="Another", slug="another", now=NOW)
    browser.post(f"/sites/{site_a.uid}/put-back/")
    assert "You have used 1 of the 1 sites in your plan." in browser.get(account).content.decode()
    site_a.membership.items.update(ended_at=NOW)
    type(site_a.membership).objects.filter(pk=site_a.membership.pk).update(state="expired", ended_at=NOW)
    browser.post(f"/sites/{site_a.uid}/put-back/")
    assert "Your membership has ended. Come back first" in browser.get(account).content.decode()
    assert Site.objects.get(pk=site_a.pk).state == Site.State.RECYCLED


@pytest.mark.parametrize("path", ["copies/", "copies/{job}/", "delete/", "put-back/"])
def test_nobody_else_does_any_of_it(site_a: Site, site_b: Site, path: str) -> None:
    job = made(site_a)
    eva, mallory = works_on(site_a, Role.OWNER), owner(site_b)
    url = f"/sites/{site_a.uid}/{path.format(job=job.uid)}"
    for browser in (network(eva), network(mallory)):
        for answer in (browser.get(url), browser.post(url, {"slug": "alpha"})):
            assert answer.status_code in {404, 405}
            assert b"PK" not in answer.content
    assert network().get(url).status_code in {302, 405}
    assert network().post(url, {"slug": "alpha"}).status_code in {302, 405}
    through_ones_own = network(mallory).get(f"/sites/{site_b.uid}/copies/{job.uid}/")
    assert through_ones_own.status_code == 404
    assert Site.objects.get(pk=site_a.pk).state == Site.State.READY
    assert SiteJob.objects.count() == 1
