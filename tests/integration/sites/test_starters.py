"""Starter sites: new sites begin with their content and media; a site may change to one and back."""

from datetime import timedelta
from pathlib import Path
from unittest.mock import Mock

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import IntegrityError, connection, transaction
from django_tenants.utils import schema_exists, tenant_context
from wagtail.models import Page, Revision
from wagtail.models import Site as WagtailSite

from accounts.models import User
from products.limits import Kind
from sites import tasks
from sites.content.models import (
    BlogIndexPage,
    HomePage,
    Parked,
    PostPage,
    SiteDocument,
    SiteIdentity,
    SiteLimit,
    StandardPage,
)
from sites.content.storage import folder_of
from sites.models import ContentSwitch, OverLimit, RetiredSchema, Site, Starter
from sites.operations import (
    ask_again,
    ask_for_old_content,
    ask_for_starter,
    create_site,
    proof,
    provision_site,
    retire,
    switch_content,
)
from sites.operations.begin import shared_tables
from sites.operations.sweeps import unfinished_switches
from tests.plugins.sites import LIMITS, NOW, member, set_limits

WEEK = timedelta(days=7)


@pytest.fixture(autouse=True)
def _media(settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path
    settings.SPARE_SITES = 0


@pytest.fixture
def starter(site_a: Site) -> Starter:
    """Alice's site, with a post, a page, a document and words that stand for the new site's own."""
    with tenant_context(site_a):
        home, blog = HomePage.objects.get(), BlogIndexPage.objects.get()
        home.headline = "Welcome to {site_title}"
        home.save_revision(user=User.objects.get()).publish()
        home.refresh_from_db()
        home.add_child(
            instance=StandardPage(
                title="About {owner}",
                owner=User.objects.get(),
                body=[
                    ("text", "<p>{site_title}</p>"),
                    ("quote", {"text": "{site_title}", "source": "{owner}"}),
                ],
            )
        )
        blog.add_child(instance=PostPage(title="First", slug="first"))
        SiteDocument(title="Price list", file=ContentFile(b"12345", "prices.txt")).save()
        SiteIdentity.objects.update(tagline="{site_title}, by {owner}", accent="plum")
        finish_checks()
    return Starter.objects.create(site=site_a, name="Garden", is_default=True)


def finish_checks() -> None:
    """What a commit would do."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def begin(slug: str = "garden", **choice: Starter) -> Site:
    return create_site(
        membership=member(slug, limits=LIMITS), name="Ben & Jo's", slug=slug, now=NOW, **choice
    )


def switched(site: Site, starter: Starter) -> Site:
    finish_checks()
    switch_content(switch_id=ask_for_starter(site=site, starter=starter, now=NOW).pk, now=NOW)
    finish_checks()
    return Site.objects.get(pk=site.pk)


def test_a_new_site_begins_with_the_default_starters_content_and_media(
    starter: Starter, tmp_path: Path
) -> None:
    site = provision_site(site_id=begin().pk, now=NOW)
    assert site.starter == starter
    with tenant_context(site):
        assert HomePage.objects.get().headline == "Welcome to Ben & Jo's"
        page = StandardPage.objects.get()
        assert (page.title, page.draft_title, page.owner) == ("About Garden", "About Garden", None)
        assert PostPage.objects.get().title == "First"
        identity = SiteIdentity.objects.get()
        assert (identity.name, identity.tagline, identity.accent) == (
            "Ben & Jo's",
            "Ben & Jo's, by Garden",
            "plum",
        )
        assert WagtailSite.objects.get().hostname == "garden.sites.localhost"
        document = SiteDocument.objects.get()
        assert Path(document.file.path).is_relative_to(tmp_path / site.uid.hex)
        assert Path(document.file.path).read_bytes() == b"12345"
        assert Page.find_problems() == ([], [], [], [], [])


def test_placeholders_are_escaped_where_the_text_is_html(starter: Starter) -> None:
    site = provision_site(site_id=begin().pk, now=NOW)
    with tenant_context(site):
        text, quote = StandardPage.objects.get().body
        assert text.value.source == "<p>Ben &amp; Jo&#x27;s</p>"
        assert (quote.value["text"], quote.value["source"]) == ("Ben & Jo's", "Garden")


def test_what_is_the_starters_own_business_stays_there(starter: Starter) -> None:
    site = provision_site(site_id=begin().pk, now=NOW)
    with tenant_context(site):
        assert [user.email for user in User.objects.all()] == ["garden@example.com"]
        assert Revision.objects.count() == 0
        assert not Page.objects.exclude(latest_revision=None).exists()
        assert dict(SiteLimit.objects.values_list("kind", "allowed"))["posts"] == 3
    with tenant_context(starter.site):
        assert HomePage.objects.get().headline == "Welcome to {site_title}"
        assert [user.email for user in User.objects.all()] == ["alpha-owner@example.com"]


@pytest.mark.parametrize(
    "table",
    [
        "accounts_user",
        "django_session",
        "content_contactmessage",
        "wagtailcore_revision",
        "wagtailcore_comment",
    ],
)
def test_rows_about_people_never_come_along(db: None, table: str) -> None:
    assert table not in shared_tables()


def test_a_new_site_counts_on_where_the_starter_stopped(starter: Starter) -> None:
    site = provision_site(site_id=begin().pk, now=NOW)
    with tenant_context(site):
        BlogIndexPage.objects.get().add_child(instance=PostPage(title="Second"))
        assert PostPage.objects.count() == 2


def test_the_content_step_taken_twice_changes_nothing(starter: Starter) -> None:
    from sites.operations.steps import make_content

    site = provision_site(site_id=begin().pk, now=NOW)
    make_content(site, NOW)
    with tenant_context(site):
        assert (PostPage.objects.count(), StandardPage.objects.count(), SiteDocument.objects.count()) == (
            1,
            1,
            1,
        )


@pytest.mark.parametrize(
    "unfit",
    [{"is_offered": False}, {"site__state": Site.State.MAINTENANCE}, {"site__usage": {"posts": 4}}],
    ids=["not offered", "not ready", "too large for the plan"],
)
def test_a_starter_that_does_not_fit_is_refused_and_not_begun_with(
    starter: Starter, unfit: dict[str, object]
) -> None:
    for field, value in unfit.items():
        rows = Site.objects.filter(pk=starter.site_id) if "site__" in field else Starter.objects.all()
        rows.update(**{field.removeprefix("site__"): value})
    with pytest.raises(ValidationError) as refused:
        begin(starter=starter)
    assert list(refused.value.message_dict) == ["starter"]
    assert begin("other").starter is None


def test_there_is_one_default_starter(starter: Starter, site_b: Site) -> None:
    with pytest.raises(IntegrityError, match="new_sites_begin_as_one_starter"), transaction.atomic():
        Starter.objects.create(site=site_b, name="Another", is_default=True)


def test_a_site_changes_to_a_starter_and_keeps_its_people_and_its_address(
    starter: Starter, site_b: Site
) -> None:
    with tenant_context(site_b):
        User.objects.create_user("editor@example.com", "a-long-password", name="Ed")
        BlogIndexPage.objects.get().add_child(instance=PostPage(title="Old"))
    before = site_b.schema_name
    site = switched(site_b, starter)
    switch = ContentSwitch.objects.get()
    assert (switch.state, switch.old_schema, switch.kept_until) == ("done", before, NOW + WEEK)
    assert site.schema_name == switch.new_schema != before
    with tenant_context(site):
        assert [post.title for post in PostPage.objects.all()] == ["First"]
        assert sorted(User.objects.values_list("email", "is_superuser")) == [
            ("bravo-owner@example.com", True),
            ("editor@example.com", False),
        ]
        assert User.objects.get(email="editor@example.com").check_password("a-long-password")
        assert WagtailSite.objects.get().hostname == "bravo.sites.localhost"
        assert SiteIdentity.objects.get().name == "Bravo Garden"
        assert dict(SiteLimit.objects.values_list("kind", "allowed"))["posts"] == 3
        assert Path(SiteDocument.objects.get().file.path).read_bytes() == b"12345"


def test_visitors_see_the_new_content_at_once(
    starter: Starter, site_b: Site, on_site, django_capture_on_commit_callbacks
):
    assert b"Welcome" not in on_site(site_b).get("/").content
    with django_capture_on_commit_callbacks(execute=True):
        switched(site_b, starter)
    assert b"Welcome to Bravo Garden" in on_site(site_b).get("/").content


def test_old_content_is_put_back_as_it_was_with_the_people_of_now(starter: Starter, site_b: Site) -> None:
    with tenant_context(site_b):
        BlogIndexPage.objects.get().add_child(instance=PostPage(title="Old"))
        User.objects.create_user("gone@example.com", name="Gone")
    old = site_b.schema_name
    site = switched(site_b, starter)
    with tenant_context(site):
        User.objects.filter(email="gone@example.com")._raw_delete("default")
        User.objects.create_user("new@example.com", name="New")
        finish_checks()
    set_limits(site, {Kind.POSTS: 9})
    switch_content(switch_id=ask_for_old_content(site=site, now=NOW + WEEK / 2).pk, now=NOW + WEEK / 2)
    site.refresh_from_db()
    assert site.schema_name == old
    with tenant_context(site):
        assert [post.title for post in PostPage.objects.all()] == ["Old"]
        active = User.objects.filter(is_active=True).values_list("email", flat=True)
        assert sorted(active) == ["bravo-owner@example.com", "new@example.com"]
        assert SiteLimit.objects.get(kind="posts").allowed == 9
    kept = ContentSwitch.objects.to_put_back(at=NOW + WEEK).get()
    assert (kept.new_schema, kept.kept_until) == (old, NOW + WEEK / 2 + WEEK)


def test_what_was_parked_in_old_content_is_told_of_when_that_is_back_and_returns_with_an_upgrade(
    starter: Starter, site_b: Site
) -> None:
    with tenant_context(site_b):
        for title in ("One", "Two", "Three"):
            BlogIndexPage.objects.get().add_child(instance=PostPage(title=title))
    set_limits(site_b, {Kind.POSTS: 1})
    site = switched(site_b, starter)
    assert list(OverLimit.objects.filter(site=site, ended_at=None)) == []
    switch_content(switch_id=ask_for_old_content(site=site, now=NOW).pk, now=NOW)
    assert OverLimit.objects.get(site=site, ended_at=None).excess == 2
    set_limits(Site.objects.get(pk=site.pk), {Kind.POSTS: 9})
    site.refresh_from_db()
    with tenant_context(site):
        assert (PostPage.objects.live().count(), Parked.objects.count()) == (3, 0)
    assert list(OverLimit.objects.filter(site=site, ended_at=None)) == []


def test_a_site_whose_content_could_not_be_migrated_is_shown_with_other_content(
    starter: Starter, site_b: Site
) -> None:
    finish_checks()
    switch = ask_for_starter(site=site_b, starter=starter, now=NOW)
    Site.objects.filter(pk=site_b.pk).update(state=Site.State.MAINTENANCE)
    switch_content(switch_id=switch.pk, now=NOW)
    assert Site.objects.get(pk=site_b.pk).state == Site.State.READY


def test_old_content_is_erased_on_record_after_a_week_and_no_sooner(
    starter: Starter, site_b: Site, time_machine
) -> None:
    with tenant_context(site_b):
        SiteDocument(title="Old", file=ContentFile(b"old", "old.txt")).save()
    old = site_b.schema_name
    site = switched(site_b, starter)
    assert folder_of(old).is_dir()
    time_machine.move_to(NOW + WEEK - timedelta(seconds=1), tick=False)
    tasks.erase_old()
    assert schema_exists(old)
    time_machine.move_to(NOW + WEEK, tick=False)
    tasks.erase_old()
    assert not schema_exists(old)
    assert not folder_of(old).exists()
    record = RetiredSchema.objects.get()
    assert (record.schema_name, record.reason, record.site_uid) == (old, "replaced", site.uid)
    assert (record.erased_at, record.files, record.bytes) == (NOW + WEEK, 1, 3)
    tasks.erase_old()
    assert RetiredSchema.objects.count() == 1
    assert schema_exists(site.schema_name)
    with pytest.raises(ValidationError, match="not kept any more"):
        ask_for_old_content(site=site, now=NOW + WEEK)


def test_files_of_old_content_that_were_left_by_a_killed_worker_go_the_next_time(
    starter: Starter, site_b: Site, time_machine, monkeypatch
) -> None:
    with tenant_context(site_b):
        SiteDocument(title="Old", file=ContentFile(b"old", "old.txt")).save()
    old = site_b.schema_name
    switched(site_b, starter)
    time_machine.move_to(NOW + WEEK, tick=False)
    with monkeypatch.context() as killed:
        killed.setattr("shutil.rmtree", Mock(side_effect=SystemExit))
        with pytest.raises(SystemExit):
            tasks.erase_old()
    assert (schema_exists(old), folder_of(old).is_dir()) == (False, True)
    tasks.erase_old()
    assert not folder_of(old).exists()


def test_content_that_was_put_back_is_never_erased(starter: Starter, site_b: Site, time_machine) -> None:
    old = site_b.schema_name
    site = switched(site_b, starter)
    switch_content(switch_id=ask_for_old_content(site=site, now=NOW).pk, now=NOW)
    finish_checks()
    time_machine.move_to(NOW + 2 * WEEK, tick=False)
    tasks.erase_old()
    assert schema_exists(old)
    assert list(ContentSwitch.objects.exclude(erased_at=None).values_list("starter_name", flat=True)) == [""]


def test_a_change_that_fails_changes_nothing_and_is_tried_again(
    starter: Starter, site_b: Site, monkeypatch
) -> None:
    switch = ask_for_starter(site=site_b, starter=starter, now=NOW)
    finish_checks()

    def not_proven(_site: Site) -> None:
        raise proof.NotProven("no page")

    with monkeypatch.context() as broken:
        broken.setattr("sites.operations.content_switches.prove_page", not_proven)
        with pytest.raises(proof.NotProven):
            switch_content(switch_id=switch.pk, now=NOW)
    switch.refresh_from_db()
    assert (switch.state, switch.attempts, switch.error) == ("waiting", 1, "NotProven: no page")
    assert Site.objects.get(pk=site_b.pk).schema_name == site_b.schema_name
    assert not schema_exists(switch.new_schema)
    assert unfinished_switches(now=NOW) == []
    assert unfinished_switches(now=NOW + timedelta(minutes=1)) == [switch.pk]

    assert switch_content(switch_id=switch.pk, now=NOW).state == "done"
    assert switch_content(switch_id=switch.pk, now=NOW).attempts == 2
    assert ContentSwitch.objects.count() == 1


def fails_for_good(switch: ContentSwitch, monkeypatch) -> ContentSwitch:
    def not_proven(_site: Site) -> None:
        raise proof.NotProven("no page")

    finish_checks()
    with monkeypatch.context() as broken:
        broken.setattr("sites.operations.content_switches.prove_page", not_proven)
        for attempt in range(1, 6):
            assert unfinished_switches(now=NOW + timedelta(minutes=1)) == [switch.pk], attempt
            with pytest.raises(proof.NotProven):
                switch_content(switch_id=switch.pk, now=NOW)
    switch.refresh_from_db()
    return switch


def test_a_change_that_failed_five_times_is_over_leaves_nothing_and_another_may_begin(
    starter: Starter, site_b: Site, monkeypatch, caplog
) -> None:
    shown = site_b.schema_name
    switch = fails_for_good(ask_for_starter(site=site_b, starter=starter, now=NOW), monkeypatch)
    assert (switch.state, switch.attempts, switch.error) == ("failed", 5, "NotProven: no page")
    assert caplog.messages == [
        f"site {site_b.uid} keeps its content: Bravo Garden: Garden failed: NotProven: no page"
    ]
    assert switch_content(switch_id=switch.pk, now=NOW).attempts == 5  # a task that comes late does nothing
    assert unfinished_switches(now=NOW + timedelta(minutes=1)) == []
    assert folder_of(switch.new_schema).is_dir()
    assert retire.erase_due(now=NOW) == 1
    assert not folder_of(switch.new_schema).exists()
    assert RetiredSchema.objects.count() == 0
    assert Site.objects.get(pk=site_b.pk).schema_name == shown

    again = ask_again(failed=switch, now=NOW + WEEK)
    assert (again.pk != switch.pk, again.starter, again.state) == (True, starter, "waiting")
    assert switch_content(switch_id=again.pk, now=NOW + WEEK).state == "done"
    assert ContentSwitch.objects.failed_last().count() == 0


def test_content_that_could_not_be_put_back_is_still_kept(
    starter: Starter, site_b: Site, monkeypatch
) -> None:
    old = site_b.schema_name
    site = switched(site_b, starter)
    switch = fails_for_good(ask_for_old_content(site=site, now=NOW), monkeypatch)
    assert (switch.state, retire.erase_due(now=NOW), schema_exists(old)) == ("failed", 0, True)
    again = ask_again(failed=switch, now=NOW)
    assert (again.new_schema, switch_content(switch_id=again.pk, now=NOW).state) == (old, "done")


def test_a_change_to_a_starter_that_is_gone_is_not_asked_for_again(site_b: Site) -> None:
    failed = ContentSwitch.objects.create(
        site=site_b, starter_name="Gone", state="failed", new_schema="site_" + "e" * 32, asked_at=NOW
    )
    with pytest.raises(ValidationError, match="not offered any more"):
        ask_again(failed=failed, now=NOW)


def test_a_site_changes_once_at_a_time_and_never_to_itself(starter: Starter, site_b: Site) -> None:
    with pytest.raises(ValidationError, match="not offered"):
        ask_for_starter(site=starter.site, starter=starter, now=NOW)
    ask_for_starter(site=site_b, starter=starter, now=NOW)
    with pytest.raises(ValidationError, match="already"):
        ask_for_starter(site=site_b, starter=starter, now=NOW)


def test_a_site_that_is_read_only_does_not_change(starter: Starter, site_b: Site) -> None:
    Site.objects.filter(pk=site_b.pk).update(access=Site.Access.READ_ONLY)
    with pytest.raises(ValidationError, match="cannot be changed"):
        ask_for_starter(site=site_b, starter=starter, now=NOW)
