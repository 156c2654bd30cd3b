"""A downgrade, an upgrade and an editor at the same moment: the limit holds, and nothing is lost."""

from datetime import date
from threading import Barrier

import pytest
from django_tenants.utils import tenant_context

from memberships.models import Notice
from products.limits import Kind
from sites import entitlements
from sites.content.models import BlogIndexPage, Parked, PostPage
from sites.entitlements import LimitReached
from sites.models import DailyVisits, OverLimit, Site
from sites.operations import apply_entitlements
from sites.operations.over_limit import choose_what_stays, settle_site
from sites.operations.visits import settle_visits
from tests.factories.at_once import at_once
from tests.plugins.sites import NOW

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def site(make_site) -> Site:
    """Four posts where four are allowed."""
    made: Site = make_site("busy", limits={Kind.POSTS: 4, Kind.VISITS: 10})
    with tenant_context(made):
        blog = BlogIndexPage.objects.get()
        for number in range(1, 5):
            blog.add_child(instance=PostPage(title=f"Post {number}", date=date(2026, 3, number)))
    return made


def allow(site: Site, posts: int) -> None:
    site.membership.items.get().product.limits.filter(kind="posts").update(amount=posts)


def seen_and_parked(site: Site) -> tuple[list[str], int]:
    with tenant_context(site):
        live = list(PostPage.objects.live().order_by("date").values_list("title", flat=True))
        return live, Parked.objects.count()


def test_one_downgrade_applied_by_many_parks_once(site: Site) -> None:
    allow(site, 2)
    at_once(4, lambda _number: apply_entitlements(site_id=site.pk, now=NOW))
    assert seen_and_parked(site) == (["Post 3", "Post 4"], 2)
    assert OverLimit.objects.filter(site=site, kind="posts").count() == 1


def test_a_post_written_while_others_are_parked_fits_or_is_parked(site: Site) -> None:
    allow(site, 5)
    apply_entitlements(site_id=site.pk, now=NOW)
    allow(site, 2)

    def work(number: int) -> str:
        if number:
            with tenant_context(site):
                new = PostPage(title="New", date=date(2026, 3, 9))
                BlogIndexPage.objects.get().add_child(instance=new)
            return "written"
        apply_entitlements(site_id=site.pk, now=NOW)
        return "parked"

    _parking, writing = at_once(2, work)
    live, parked = seen_and_parked(site)
    if writing == "written":
        assert (live, parked) == (["Post 4", "New"], 3)
    else:
        assert isinstance(writing, LimitReached)
        assert (live, parked) == (["Post 3", "Post 4"], 2)


def test_an_editor_who_saves_a_post_while_it_is_parked_does_not_bring_it_back(site: Site) -> None:
    allow(site, 2)
    start = Barrier(2)

    def work(number: int) -> str:
        if number:
            with tenant_context(site):
                post = PostPage.objects.get(title="Post 1")
                start.wait()
                post.intro = "Edited"
                post.save()
            return "saved"
        start.wait()
        apply_entitlements(site_id=site.pk, now=NOW)
        return "parked"

    parking, saving = at_once(2, work)
    assert parking == "parked"
    assert saving == "saved" or isinstance(saving, LimitReached)
    assert seen_and_parked(site) == (["Post 3", "Post 4"], 2)


def test_a_choice_and_an_upgrade_at_once_leave_everything_in_its_place(site: Site) -> None:
    allow(site, 2)
    apply_entitlements(site_id=site.pk, now=NOW)
    with tenant_context(site):
        first = str(PostPage.objects.get(title="Post 1").pk)
    allow(site, 3)

    def work(number: int) -> str:
        if number:
            choose_what_stays(site=site, kind=Kind.POSTS, keys=[first], now=NOW)
        else:
            apply_entitlements(site_id=site.pk, now=NOW)
        return "done"

    assert at_once(2, work) == ["done", "done"]
    live, parked = seen_and_parked(site)
    assert (len(live), parked) == (3, 1)
    assert "Post 1" in live
    with tenant_context(site):
        assert entitlements.usage()[Kind.POSTS] == 3


def test_two_who_publish_parked_posts_and_one_place(site: Site) -> None:
    allow(site, 2)
    apply_entitlements(site_id=site.pk, now=NOW)
    with tenant_context(site):
        PostPage.objects.get(title="Post 4").delete()

    def publish(number: int) -> str:
        with tenant_context(site):
            PostPage.objects.get(title=f"Post {number + 1}").save_revision().publish()
        return "published"

    results = at_once(2, publish)
    assert sorted(type(each).__name__ for each in results) == ["LimitReached", "str"]
    live, parked = seen_and_parked(site)
    assert (len(live), parked) == (2, 1)


def test_many_looks_at_the_same_visits_write_one_mail(site: Site) -> None:
    DailyVisits.objects.create(site=site, day=NOW.date(), count=11)
    work = (settle_visits, settle_site)
    results = at_once(4, lambda number: work[number % 2](site_id=site.pk, now=NOW))
    assert results == [None] * 4
    assert list(Notice.objects.values_list("kind", flat=True)) == ["visits_over"]
    assert OverLimit.objects.filter(site=site, kind="visits", ended_at=None).count() == 1
