"""Limits bite where things are made, and say what is used and where more is to be had."""

import io
import json
import os
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import tenant_context
from PIL import Image
from wagtail.models import Collection

from accounts.models import User
from memberships.signals import entitlements_changed
from products.limits import Kind, Limits
from sites import entitlements
from sites.content.models import (
    BlogIndexPage,
    HomePage,
    PostPage,
    SiteDocument,
    SiteImage,
    SiteLimit,
    StandardPage,
)
from sites.entitlements import LimitReached, UnknownKind
from sites.models import Site
from sites.operations import apply_entitlements, refresh_usage
from sites.operations.sweeps import sites_out_of_line
from tests.plugins.sites import LIMITS, NOW, set_limits

pytestmark = pytest.mark.django_db
NO_BODY = {"body-count": "0"}


def write_posts(site: Site, count: int) -> None:
    with tenant_context(site):
        blog = BlogIndexPage.objects.get()
        for number in range(count):
            blog.add_child(instance=PostPage(title=f"Post {number}"))


def count_of(site: Site, model: Any) -> Any:
    with tenant_context(site):
        return model.objects.count()


def key_of(site: Site, model: Any) -> Any:
    with tenant_context(site):
        return model.objects.first().pk


def add_post(browser: Client, site: Site, **fields: str):
    form = {
        "title": "My post",
        "slug": "my-post",
        "date": "2026-03-12",
        "action-publish": "1",
        **NO_BODY,
        **fields,
    }
    form |= {"comments-TOTAL_FORMS": "0", "comments-INITIAL_FORMS": "0"}
    return browser.post(f"/dashboard/pages/add/content/postpage/{key_of(site, BlogIndexPage)}/", form)


def upgrade_url(site: Site) -> str:
    return f"http://localhost:8000/sites/{site.uid}/upgrade/"


def picture(kilobytes: int) -> bytes:
    """A PNG of about this size that cannot be made smaller."""
    side = int((kilobytes * 1000 / 3) ** 0.5)
    out = io.BytesIO()
    Image.frombytes("RGB", (side, side), os.urandom(side * side * 3)).save(out, "PNG")
    return out.getvalue()


# -- posts and pages


def test_a_post_within_the_limit_is_published(site_a: Site, owner_of) -> None:
    response = add_post(owner_of(site_a), site_a)
    assert response.status_code == 302
    with tenant_context(site_a):
        assert list(PostPage.objects.values_list("title", "live")) == [("My post", True)]


def test_a_post_beyond_the_limit_is_refused_with_the_way_out_and_nothing_typed_is_lost(
    site_a: Site, owner_of
) -> None:
    write_posts(site_a, 3)
    response = add_post(owner_of(site_a), site_a, intro="What I had typed")
    text = response.content.decode()
    assert response.status_code == 200
    assert "You have used 3 of the 3 posts in your plan." in text
    assert f'href="{upgrade_url(site_a)}"' in text
    assert "What I had typed" in text
    assert count_of(site_a, PostPage) == 3


def test_who_begins_a_post_for_which_there_is_no_room_is_told_at_once(site_a: Site, owner_of) -> None:
    write_posts(site_a, 3)
    response = owner_of(site_a).get(f"/dashboard/pages/add/content/postpage/{key_of(site_a, BlogIndexPage)}/")
    assert response.status_code == 200
    assert f'href="{upgrade_url(site_a)}"' in response.content.decode()


def test_after_an_upgrade_the_same_post_is_accepted(
    site_a: Site, owner_of, django_capture_on_commit_callbacks
) -> None:
    write_posts(site_a, 3)
    browser = owner_of(site_a)
    assert add_post(browser, site_a).status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        set_limits(site_a, {Kind.POSTS: 4})
    assert add_post(browser, site_a).status_code == 302
    assert count_of(site_a, PostPage) == 4


def test_a_post_that_exists_can_be_edited_when_the_limit_is_full(site_a: Site, owner_of) -> None:
    write_posts(site_a, 3)
    form = {"title": "Changed", "slug": "changed", "date": "2026-03-12", "action-publish": "1", **NO_BODY}
    form |= {"comments-TOTAL_FORMS": "0", "comments-INITIAL_FORMS": "0"}
    response = owner_of(site_a).post(f"/dashboard/pages/{key_of(site_a, PostPage)}/edit/", form)
    assert response.status_code == 302
    with tenant_context(site_a):
        assert PostPage.objects.filter(title="Changed").count() == 1


def test_a_page_beyond_the_limit_is_refused_and_posts_do_not_count_as_pages(site_a: Site, owner_of) -> None:
    write_posts(site_a, 3)
    with tenant_context(site_a):
        home = HomePage.objects.get()
        for number in range(2):
            home.add_child(instance=StandardPage(title=f"Page {number}"))
        with pytest.raises(LimitReached) as reached:
            home.add_child(instance=StandardPage(title="One too many"))
    assert (reached.value.kind, reached.value.used, reached.value.allowed) == (Kind.PAGES, 2, 2)


def test_copying_a_post_takes_a_place_and_is_refused_in_the_form(site_a: Site, owner_of) -> None:
    write_posts(site_a, 2)
    browser = owner_of(site_a)
    post = key_of(site_a, PostPage)
    form = {"new_title": "Copy", "new_slug": "copy", "new_parent_page": str(key_of(site_a, BlogIndexPage))}
    assert browser.post(f"/dashboard/pages/{post}/copy/", form).status_code == 302
    assert count_of(site_a, PostPage) == 3
    refused = browser.post(f"/dashboard/pages/{post}/copy/", {**form, "new_slug": "copy-2"})
    assert refused.status_code == 200
    assert "You have used 3 of the 3 posts in your plan." in refused.content.decode()
    assert f'href="{upgrade_url(site_a)}"' in refused.content.decode()
    assert count_of(site_a, PostPage) == 3


def test_a_blog_that_does_not_fit_with_its_posts_is_not_copied_in_part(
    site_a: Site, owner_of, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_posts(site_a, 2)
    browser = owner_of(site_a)
    blog, home = key_of(site_a, BlogIndexPage), key_of(site_a, HomePage)
    form = {"new_title": "B", "new_slug": "b", "new_parent_page": str(home), "copy_subpages": "on"}
    monkeypatch.setattr(entitlements, "refusal_of", lambda *_args: None)  # nobody told before it was tried
    assert browser.post(f"/dashboard/pages/{blog}/copy/", form).status_code == 409
    assert (count_of(site_a, BlogIndexPage), count_of(site_a, PostPage)) == (1, 2)


def test_a_write_that_slips_past_the_form_gets_a_clear_page_and_leaves_nothing(
    site_a: Site, owner_of, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_posts(site_a, 3)
    browser = owner_of(site_a)
    monkeypatch.setattr(entitlements, "refusal_of", lambda *_args: None)  # the form looked a moment too early
    response = add_post(browser, site_a)
    assert response.status_code == 409
    assert "You have used 3 of the 3 posts in your plan." in response.content.decode()
    assert f'href="{upgrade_url(site_a)}"' in response.content.decode()
    assert count_of(site_a, PostPage) == 3


# -- files


def upload(browser: Client, data: bytes, *, kind: str = "images"):
    file = SimpleUploadedFile("big.png" if kind == "images" else "big.pdf", data)
    return browser.post(
        f"/dashboard/{kind}/multiple/add/", {"title": "Big", "collection": "1", "files[]": file},
        headers={"x-requested-with": "XMLHttpRequest"},
    )  # fmt: skip


def test_images_upload_until_the_disk_space_is_used(site_a: Site, owner_of, settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path
    browser = owner_of(site_a)
    first = picture(90)
    assert json.loads(upload(browser, first).content)["success"] is True
    with tenant_context(site_a):
        assert entitlements.usage()[Kind.DISK] >= len(
            first
        )  # the dashboard's own small rendition counts as well
    second = json.loads(upload(browser, picture(150)).content)
    assert second["success"] is False
    assert second["error_message"].startswith("This file does not fit:")
    assert f'href="{upgrade_url(site_a)}"' in second["error_message"]
    assert count_of(site_a, SiteImage) == 1
    assert len(list((tmp_path / site_a.uid.hex / "original_images").iterdir())) == 1


def test_documents_take_disk_space_and_give_it_back(site_a: Site, owner_of, settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path
    browser = owner_of(site_a)
    assert json.loads(upload(browser, b"x" * 150_000, kind="documents").content)["success"] is True
    refused = json.loads(upload(browser, b"x" * 60_000, kind="documents").content)
    assert refused["success"] is False
    assert refused["error_message"].startswith("This file does not fit: 146.5 KB of the 195.3 KB disk space")
    with tenant_context(site_a):
        SiteDocument.objects.all().delete()
        assert entitlements.usage()[Kind.DISK] == 0
    assert json.loads(upload(browser, b"x" * 60_000, kind="documents").content)["success"] is True


def test_replacing_a_file_takes_only_the_difference(site_a: Site, settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path
    with tenant_context(site_a):
        document = SiteDocument(
            title="Menu", file=ContentFile(b"x" * 150_000, "menu.pdf"), collection=Collection.objects.get()
        )
        document.save()
        document.file = ContentFile(b"x" * 200_000, "menu.pdf")
        document.save()
        assert entitlements.usage()[Kind.DISK] == 200_000
        document.file = ContentFile(b"x" * 200_001, "menu.pdf")
        with pytest.raises(LimitReached):
            document.save()
        document.file = ContentFile(b"x" * 10, "menu.pdf")
        document.save()
        assert entitlements.usage()[Kind.DISK] == 10


def test_a_visitors_picture_is_made_even_when_the_disk_is_full(site_a: Site, settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path
    with tenant_context(site_a):
        image = SiteImage(title="Full", file=ContentFile(picture(150), "full.png"))
        image.save()
        SiteLimit.objects.filter(kind="disk").update(allowed=image.file_size)
        rendition = image.get_rendition("width-50")
        more = image.get_renditions("width-20", "width-30").values()
        sizes = [made.file.size for made in (rendition, *more)]
        assert entitlements.usage()[Kind.DISK] == image.file_size + sum(sizes)
        assert min(sizes) > 0


def test_a_refused_file_is_never_written(site_a: Site, settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path
    with tenant_context(site_a), pytest.raises(LimitReached):
        SiteDocument(title="Big", file=ContentFile(b"x" * 200_001, "big.pdf")).save()
    assert list(tmp_path.rglob("*")) == []


# -- the door


def test_an_unknown_kind_cannot_be_claimed(site_a: Site) -> None:
    with tenant_context(site_a), pytest.raises(UnknownKind):
        entitlements.claim(Kind.VISITS)


def test_a_kind_without_a_row_allows_nothing(site_a: Site) -> None:
    with tenant_context(site_a):
        SiteLimit.objects.all().delete()
        with pytest.raises(LimitReached) as reached:
            entitlements.claim(Kind.POSTS)
    assert reached.value.allowed == 0


def test_unlimited_is_never_refused_and_never_counted(site_a: Site) -> None:
    with tenant_context(site_a):
        SiteLimit.objects.filter(kind="posts").update(allowed=None)
        with CaptureQueriesContext(connection) as queries:
            entitlements.claim(Kind.POSTS, 10**12)
    assert len(queries) == 1


@pytest.mark.django_db(transaction=True)
def test_a_claim_outside_a_transaction_is_refused(make_site) -> None:
    site = make_site("bare")
    with tenant_context(site), pytest.raises(transaction.TransactionManagementError):
        entitlements.claim(Kind.POSTS)


def test_a_forms_check_never_raises_and_clean_says_the_same(site_a: Site) -> None:
    write_posts(site_a, 3)
    with tenant_context(site_a):
        assert str(entitlements.refusal_of(Kind.POSTS)) == "posts: 3 of 3 used, 1 more wanted"
        with pytest.raises(ValidationError, match="You have used 3 of the 3 posts"):
            PostPage(title="x").clean()


def test_usage_of_a_site_is_counted_in_one_statement(site_a: Site) -> None:
    write_posts(site_a, 2)
    with tenant_context(site_a):
        User.objects.count()
        with CaptureQueriesContext(connection) as queries:
            found = entitlements.usage()
    assert found == {Kind.POSTS: 2, Kind.PAGES: 0, Kind.DISK: 0}
    assert len(queries) == 1


def test_usage_is_kept_on_the_networks_row(site_a: Site) -> None:
    write_posts(site_a, 2)
    refresh_usage(site_id=site_a.pk, now=NOW)
    site_a.refresh_from_db()
    assert site_a.usage == {"posts": 2, "pages": 0, "users": 1, "disk": 0, "visits": 0, "domains": 0}
    assert site_a.usage_at == NOW


def test_applying_entitlements_writes_rows_copy_and_version_once(site_a: Site) -> None:
    before = site_a.entitlements_version
    set_limits(site_a, {Kind.POSTS: None, Kind.PAGES: 7})
    assert site_a.limits == Limits({**LIMITS, Kind.POSTS: None, Kind.PAGES: 7})
    assert site_a.entitlements_version == before + 1
    with tenant_context(site_a):
        rows = dict(SiteLimit.objects.values_list("kind", "allowed"))
        assert set(SiteLimit.objects.values_list("version", flat=True)) == {before + 1}
    assert rows == {kind.value: site_a.limits[kind] for kind in Kind}
    assert apply_entitlements(site_id=site_a.pk, now=NOW) is False
    site_a.refresh_from_db()
    assert site_a.entitlements_version == before + 1


def test_a_membership_that_ended_allows_nothing_new(site_a: Site) -> None:
    type(site_a.membership).objects.filter(pk=site_a.membership_id).update(state="expired", ended_at=NOW)
    assert apply_entitlements(site_id=site_a.pk, now=NOW) is True
    with tenant_context(site_a), pytest.raises(LimitReached):
        entitlements.claim(Kind.POSTS)


def test_a_change_that_no_task_brought_along_is_found_by_the_sweep(site_a: Site, site_b: Site) -> None:
    assert sites_out_of_line(now=NOW) == []
    plan = site_b.membership.items.get().product
    plan.limits.filter(kind="posts").update(amount=50)
    assert sites_out_of_line(now=NOW) == [site_b.pk]
    apply_entitlements(site_id=site_b.pk, now=NOW)
    assert sites_out_of_line(now=NOW) == []


def test_the_sweep_asks_as_little_for_many_sites_as_for_one(site_a, site_b, django_assert_num_queries):
    with django_assert_num_queries(
        4
    ):  # the sites, what their memberships hold, what that allows, what staff gave
        assert sites_out_of_line(now=NOW) == []


def test_news_of_a_membership_reaches_all_its_sites_and_no_other(
    site_a: Site, site_b: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    queued: list[int] = []
    monkeypatch.setattr("sites.tasks.apply_entitlements.enqueue", lambda *, site_id: queued.append(site_id))
    entitlements_changed.send(None, membership_id=site_a.membership_id, now=NOW)
    assert queued == [site_a.pk]


def test_the_footer_credit_follows_the_plan(
    site_a: Site, on_site, django_capture_on_commit_callbacks
) -> None:
    assert b"Made with" in on_site(site_a).get("/").content
    with django_capture_on_commit_callbacks(execute=True):
        set_limits(site_a, {Kind.NO_FOOTER_CREDIT: None})
    assert b"Made with" not in on_site(site_a).get("/").content


def test_the_dashboard_leads_to_the_account_page_and_shows_what_is_used(site_a: Site, owner_of) -> None:
    write_posts(site_a, 3)
    text = owner_of(site_a).get("/dashboard/").content.decode()
    assert f"http://localhost:8000/account/{site_a.membership.uid}/" in text
    assert "3 of 3" in text
    assert f'<a href="{upgrade_url(site_a)}">Upgrade</a>' in text


def test_at_eighty_percent_the_dashboard_hints_and_at_all_of_it_offers_the_upgrade(
    site_a: Site, owner_of
) -> None:
    set_limits(site_a, {Kind.POSTS: 5, Kind.VISITS: 1000})
    Site.objects.filter(pk=site_a.pk).update(usage={"visits": 800})
    browser = owner_of(site_a)
    write_posts(site_a, 3)
    panel = browser.get("/dashboard/").content.decode()
    assert "800 of 1,000" in panel
    assert panel.count("Nearly used up.") == 1  # the visits
    write_posts(site_a, 1)
    assert browser.get("/dashboard/").content.decode().count("Nearly used up.") == 2
    write_posts(site_a, 1)
    panel = browser.get("/dashboard/").content.decode()
    assert (panel.count("All used."), panel.count("Nearly used up.")) == (1, 1)


def test_a_deleted_image_gives_back_its_space_and_that_of_all_its_sizes(
    site_a: Site, settings, tmp_path, django_capture_on_commit_callbacks
) -> None:
    settings.MEDIA_ROOT = tmp_path
    with tenant_context(site_a):
        image = SiteImage(title="Gone soon", file=ContentFile(picture(20), "gone.png"))
        image.save()
        image.get_renditions("width-20", "width-30")
        assert entitlements.usage()[Kind.DISK] > image.file_size
        with django_capture_on_commit_callbacks(execute=True):
            image.delete()
        assert entitlements.usage()[Kind.DISK] == 0
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
