"""What the owner and the visitors of a site get when its membership is over."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django_tenants.utils import tenant_context

from accounts.models import User
from memberships.models import Membership
from sites.content.models import BlogIndexPage, PostPage
from sites.models import Site
from sites.operations import apply_entitlements
from sites.operations.sweeps import sites_out_of_line
from tests.plugins.sites import NOW

pytestmark = pytest.mark.django_db
GRACE = timedelta(days=settings.GRACE_DAYS)


@pytest.fixture
def end(django_capture_on_commit_callbacks):
    """End the membership of a site, as long ago as told."""

    def ended(site: Site, *, ago: timedelta = timedelta(0)) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            site.membership.move(Membership.State.CANCELLED, now=NOW - ago)
            apply_entitlements(site_id=site.pk, now=NOW)
        site.refresh_from_db()

    return ended


@pytest.fixture
def come_back(django_capture_on_commit_callbacks):
    def back(site: Site) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            site.membership.move(Membership.State.ACTIVE, now=NOW)
            apply_entitlements(site_id=site.pk, now=NOW)

    return back


def post_address(site: Site) -> str:
    with tenant_context(site):
        return f"/dashboard/pages/{PostPage.objects.get().pk}/edit/"


def write_post(site: Site) -> None:
    with tenant_context(site):
        BlogIndexPage.objects.get().add_child(instance=PostPage(title="As it was"))


def titles(site: Site) -> list[str]:
    with tenant_context(site):
        return list(PostPage.objects.values_list("title", flat=True))


def change_post(browser: Client, site: Site, **headers: str):
    form = {
        "title": "Changed",
        "slug": "changed",
        "date": "2026-03-12",
        "action-publish": "1",
        "body-count": "0",
    }
    form |= {"comments-TOTAL_FORMS": "0", "comments-INITIAL_FORMS": "0"}
    return browser.post(post_address(site), form, headers=headers)


def test_within_the_grace_days_visitors_see_the_site_as_it_was(site_a: Site, on_site, end) -> None:
    write_post(site_a)
    end(site_a)
    assert site_a.access == "read_only"
    page = on_site(site_a).get("/")
    assert (page.status_code, b"As it was" in page.content) == (200, True)


def test_within_the_grace_days_the_owner_reads_and_writes_nothing(site_a: Site, owner_of, end) -> None:
    write_post(site_a)
    browser = owner_of(site_a)
    end(site_a)
    editor = browser.get(post_address(site_a))
    assert (editor.status_code, b"As it was" in editor.content) == (200, True)
    assert b"This site is read-only: its membership has ended." in editor.content
    refused = change_post(browser, site_a)
    assert refused.status_code == 403
    assert b"Nothing was saved: this site is read-only" in refused.content
    assert f'href="http://localhost:8000/account/{site_a.membership.uid}/"' in refused.content.decode()
    assert titles(site_a) == ["As it was"]


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_no_way_of_writing_is_open(site_a: Site, owner_of, end, method) -> None:
    browser = owner_of(site_a)
    end(site_a)
    assert getattr(browser, method)("/dashboard/images/multiple/add/").status_code == 403


def test_a_script_of_the_dashboard_is_told_in_its_own_way(site_a: Site, owner_of, end) -> None:
    write_post(site_a)
    browser = owner_of(site_a)
    end(site_a)
    refused = change_post(browser, site_a, accept="application/json")
    assert (refused.status_code, refused.json()) == (
        403,
        {"success": False, "error_message": "Nothing was saved: this site is read-only."},
    )


def test_the_owner_of_a_read_only_site_can_come_in_and_go_out(site_a: Site, owner_of, end) -> None:
    end(site_a)
    browser = owner_of(site_a)
    assert browser.get("/dashboard/").status_code == 200
    assert browser.post("/dashboard/logout/").status_code == 302
    assert browser.get("/dashboard/").status_code == 302


def test_the_dashboard_of_a_read_only_site_speaks_of_no_limits(site_a: Site, owner_of, end) -> None:
    end(site_a)
    page = owner_of(site_a).get("/dashboard/").content.decode()
    assert "read-only-bar" in page
    assert "usage-panel" not in page


def test_a_visitor_who_sends_something_is_told_that_nothing_can_be_sent(site_a: Site, on_site, end) -> None:
    end(site_a)
    page = on_site(site_a).post("/", {"message": "Hello"})
    assert (page.status_code, b"Nothing can be sent here right now" in page.content) == (403, True)


def test_after_the_grace_days_visitors_see_a_notice_that_is_not_indexed(site_a: Site, on_site, end) -> None:
    write_post(site_a)
    end(site_a, ago=GRACE)
    assert site_a.access == "notice"
    for path in ("/", "/blog/", "/media/images/picture.png", "/nowhere/"):
        page = on_site(site_a).get(path)
        assert (page.status_code, b"This website is not available at the moment." in page.content) == (
            402,
            True,
        )
        assert (page["X-Robots-Tag"], page["Cache-Control"]) == ("noindex", "no-store")
        assert b"As it was" not in page.content


def test_after_the_grace_days_the_owner_still_reads_and_sees_what_visitors_do_not(
    site_a: Site, owner_of, end
) -> None:
    write_post(site_a)
    end(site_a, ago=GRACE)
    browser = owner_of(site_a)
    assert browser.get(post_address(site_a)).status_code == 200
    assert b"visitors see a notice" in browser.get("/dashboard/").content
    assert b"As it was" in browser.get("/").content
    assert change_post(browser, site_a).status_code == 403


def test_who_signed_in_but_does_not_work_here_is_a_visitor(site_a: Site, on_site, end) -> None:
    end(site_a, ago=GRACE)
    with tenant_context(site_a):
        nobody = User.objects.create_user("nobody@example.com")
    browser = on_site(site_a)
    with tenant_context(site_a):
        browser.force_login(nobody)
    assert browser.get("/").status_code == 402


def test_the_notice_is_not_a_visit(site_a: Site, on_site, end, visits) -> None:
    from sites.metering import counter

    end(site_a, ago=GRACE)
    on_site(site_a).get("/", headers={"accept": "text/html"})
    assert counter.client().hgetall(counter.OPEN) == {}


def test_the_sweep_closes_a_site_when_its_grace_days_have_gone_by(site_a: Site, site_b: Site, end) -> None:
    end(site_a)
    before, after = NOW + GRACE - timedelta(seconds=1), NOW + GRACE
    assert sites_out_of_line(now=before) == []
    assert sites_out_of_line(now=after) == [site_a.pk]
    apply_entitlements(site_id=site_a.pk, now=after)
    assert sites_out_of_line(now=after) == []


def test_a_member_who_comes_back_finds_everything_as_it_was(
    site_a: Site, on_site, owner_of, end, come_back
) -> None:
    write_post(site_a)
    end(site_a, ago=GRACE)
    assert on_site(site_a).get("/").status_code == 402
    come_back(site_a)
    assert b"As it was" in on_site(site_a).get("/").content
    assert change_post(owner_of(site_a), site_a).status_code == 302
    assert titles(site_a) == ["Changed"]
