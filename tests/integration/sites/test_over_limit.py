"""More than is allowed after a downgrade: what stays, what is parked, and how it comes back."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import tenant_context

from products.limits import Kind, Limits
from sites import entitlements
from sites.content.models import BlogIndexPage, Parked, PostPage
from sites.entitlements import LimitReached, UnknownKind
from sites.models import Domain, DomainClaim, OverLimit, OverLimitPolicy, Site
from sites.operations import apply_entitlements, create_site, over_limit, refresh_usage
from sites.operations.over_limit import (
    NothingOfThatName,
    choose_sites_that_stay,
    choose_what_stays,
    policies_in_force,
    preview,
    settle_site,
)
from sites.operations.sweeps import sites_over_limits
from tests.plugins.sites import LIMITS, NOW, set_limits

pytestmark = pytest.mark.django_db


def write(site: Site, *titles: str, live: bool = True) -> dict[str, str]:
    """Posts of a day each, the first one the oldest. Answers their keys by their titles."""
    with tenant_context(site):
        blog = BlogIndexPage.objects.get()
        last = PostPage.objects.count()
        for number, title in enumerate(titles, last + 1):
            blog.add_child(instance=PostPage(title=title, date=date(2026, 3, number), live=live))
        return {title: str(pk) for pk, title in PostPage.objects.values_list("pk", "title")}


def seen(site: Site) -> list[str]:
    with tenant_context(site):
        return list(PostPage.objects.live().order_by("date").values_list("title", flat=True))


def parked(site: Site) -> int:
    with tenant_context(site):
        return Parked.objects.count()


def all_posts(site: Site) -> list[Any]:
    with tenant_context(site):
        return list(PostPage.objects.order_by("pk").values())


def told(site: Site) -> list[tuple[str, str, int, bool]]:
    rows = OverLimit.objects.filter(site=site, ended_at=None).order_by("kind")
    return [(row.kind, row.policy, row.excess, row.notice_at is not None) for row in rows]


def decide(kind: Kind, policy: str) -> None:
    OverLimitPolicy.objects.update_or_create(kind=kind, defaults={"policy": policy})


# -- parking


def test_a_downgrade_parks_the_oldest_and_an_upgrade_brings_back_all_as_it_was(site_a: Site, on_site) -> None:
    write(site_a, "One", "Two", "Three")
    before = all_posts(site_a)
    set_limits(site_a, {Kind.POSTS: 1})
    assert seen(site_a) == ["Three"]
    assert told(site_a) == [("posts", "park", 2, False)]
    assert on_site(site_a).get("/blog/one/").status_code == 404
    with tenant_context(site_a):
        assert entitlements.usage()[Kind.POSTS] == 1
    set_limits(site_a, {Kind.POSTS: 2})
    assert seen(site_a) == ["Two", "Three"]
    assert told(site_a) == [("posts", "park", 1, False)]
    set_limits(site_a, {Kind.POSTS: None})
    assert all_posts(site_a) == before
    assert (told(site_a), parked(site_a)) == ([], 0)
    assert OverLimit.objects.get(site=site_a).ended_at == NOW


def test_those_that_the_customer_chose_stay(site_a: Site) -> None:
    keys = write(site_a, "One", "Two", "Three")
    choose_what_stays(site=site_a, kind=Kind.POSTS, keys=[keys["One"]], now=NOW)
    assert seen(site_a) == ["One", "Two", "Three"]
    set_limits(site_a, {Kind.POSTS: 2})
    assert seen(site_a) == ["One", "Three"]


def test_another_choice_while_some_are_parked_changes_places_at_once(site_a: Site) -> None:
    keys = write(site_a, "One", "Two", "Three")
    set_limits(site_a, {Kind.POSTS: 1})
    choose_what_stays(site=site_a, kind=Kind.POSTS, keys=[keys["Two"]], now=NOW)
    assert seen(site_a) == ["Two"]
    choose_what_stays(site=site_a, kind=Kind.POSTS, keys=[], now=NOW)
    assert seen(site_a) == ["Two"]


def test_a_choice_names_what_is_there_and_can_be_parked(site_a: Site, site_b: Site) -> None:
    others = write(site_b, *("More",) * 3)
    with pytest.raises(NothingOfThatName):
        choose_what_stays(site=site_a, kind=Kind.POSTS, keys=[others["More"], "0"], now=NOW)
    with pytest.raises(NothingOfThatName):
        choose_what_stays(site=site_a, kind=Kind.POSTS, keys=["'; DROP TABLE"], now=NOW)
    with pytest.raises(UnknownKind):
        choose_what_stays(site=site_a, kind=Kind.DISK, keys=[], now=NOW)


def test_drafts_are_parked_before_what_visitors_see_and_come_back_as_drafts(site_a: Site) -> None:
    write(site_a, "One", "Two")
    write(site_a, "Draft", live=False)
    before = all_posts(site_a)
    set_limits(site_a, {Kind.POSTS: 2})
    assert seen(site_a) == ["One", "Two"]
    set_limits(site_a, {Kind.POSTS: 0})
    assert seen(site_a) == []
    set_limits(site_a, {Kind.POSTS: 3})
    assert all_posts(site_a) == before


def test_a_membership_that_ended_parks_nothing(site_a: Site) -> None:
    write(site_a, "One", "Two", "Three")
    type(site_a.membership).objects.filter(pk=site_a.membership_id).update(state="expired", ended_at=NOW)
    apply_entitlements(site_id=site_a.pk, now=NOW)
    assert (seen(site_a), told(site_a)) == (["One", "Two", "Three"], [])


def test_a_downgrade_of_one_site_parks_nothing_in_another(site_a: Site, site_b: Site) -> None:
    write(site_a, "One", "Two")
    write(site_b, "Eins", "Zwei")
    set_limits(site_a, {Kind.POSTS: 1})
    assert (seen(site_a), seen(site_b)) == (["Two"], ["Eins", "Zwei"])


def test_what_would_be_too_much_is_told_by_site_and_name_and_nothing_is_changed(site_a: Site) -> None:
    keys = write(site_a, "One", "Two", "Three")
    choose_what_stays(site=site_a, kind=Kind.POSTS, keys=[keys["One"]], now=NOW)
    limits = Limits({**site_a.limits.amounts, Kind.POSTS: 2, Kind.USERS: 0})
    posts, users = preview(membership=site_a.membership, limits=limits, now=NOW)
    assert (posts.site, posts.kind, posts.policy, posts.used, posts.allowed) == (
        *(site_a, "posts", "park", 3, 2),
    )
    assert [(item.name, item.key in posts.stays) for item in posts.items] == [
        ("Three", True),
        ("Two", False),
        ("One", True),
    ]
    assert (users.kind, users.policy, [item.name for item in users.items]) == (
        *("users", "keep", ["Alpha-Owner"]),
    )
    assert seen(site_a) == ["One", "Two", "Three"]
    set_limits(site_a, {Kind.POSTS: 2})
    [posts] = preview(membership=site_a.membership, limits=site_a.limits, now=NOW)
    assert (posts.used, [item.name for item in posts.items if item.is_parked]) == (3, ["Two"])


# -- keeping and blocking


def test_kept_posts_stay_and_none_is_added(site_a: Site) -> None:
    decide(Kind.POSTS, "keep")
    write(site_a, "One", "Two", "Three")
    set_limits(site_a, {Kind.POSTS: 1})
    assert seen(site_a) == ["One", "Two", "Three"]
    assert told(site_a) == [("posts", "keep", 2, False)]
    with pytest.raises(LimitReached):
        write(site_a, "Four")


def test_what_is_parked_comes_back_when_the_network_decides_to_keep(site_a: Site) -> None:
    write(site_a, "One", "Two", "Three")
    set_limits(site_a, {Kind.POSTS: 1})
    decide(Kind.POSTS, "keep")
    assert sites_over_limits() == [site_a.pk]
    settle_site(site_id=site_a.pk, now=NOW)
    assert seen(site_a) == ["One", "Two", "Three"]
    assert told(site_a) == [("posts", "keep", 2, False)]
    decide(Kind.POSTS, "park")
    settle_site(site_id=site_a.pk, now=NOW)
    assert seen(site_a) == ["Three"]
    assert told(site_a) == [("posts", "park", 2, False)]


def test_visitors_of_a_blocked_site_see_a_notice_until_there_is_less(
    site_a: Site, on_site, owner_of, django_capture_on_commit_callbacks
) -> None:
    decide(Kind.POSTS, "block")
    write(site_a, "One", "Two")
    owner, visitor = owner_of(site_a), on_site(site_a)
    assert visitor.get("/").status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        set_limits(site_a, {Kind.POSTS: 1})
    for answer in (visitor.get("/"), visitor.get("/blog/one/"), visitor.post("/", {"name": "Eve"})):
        assert answer.status_code == 402
        assert "takes a short break" in answer.content.decode()
        assert answer["X-Robots-Tag"] == "noindex"
    assert visitor.get("/dashboard/").status_code == 302
    assert owner.get("/blog/one/").status_code == 200
    text = owner.get("/dashboard/").content.decode()
    assert "Posts: 1 more than your plan allows. Visitors see a notice in place of the site." in text
    with tenant_context(site_a):
        PostPage.objects.first().delete()
    with django_capture_on_commit_callbacks(execute=True):
        refresh_usage(site_id=site_a.pk, now=NOW)
    assert visitor.get("/").status_code == 200


def test_a_policy_that_does_not_suit_a_kind_is_not_followed(site_a: Site) -> None:
    decide(Kind.DISK, "park")
    decide(Kind.SITES, "block")
    assert (policies_in_force()[Kind.DISK], policies_in_force()[Kind.SITES]) == ("keep", "park")


def test_a_site_within_its_limits_costs_no_statement_more(site_a: Site, on_site) -> None:
    on_site(site_a).get("/")
    with CaptureQueriesContext(connection) as queries:
        on_site(site_a).get("/")
    assert [query["sql"] for query in queries if "over" in query["sql"]] == []


def test_half_a_downgrade_is_none(site_a: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    write(site_a, "One", "Two", "Three")

    def crash(*_: object, **__: object) -> None:
        raise SystemExit

    with monkeypatch.context() as breaking:
        breaking.setattr(over_limit, "_record", crash)
        with pytest.raises(SystemExit), transaction.atomic():
            set_limits(site_a, {Kind.POSTS: 1})
    site_a.refresh_from_db()
    assert (seen(site_a), parked(site_a)) == (["One", "Two", "Three"], 0)
    assert site_a.limits[Kind.POSTS] == 3


# -- what is parked, in the dashboard


def form_of(title: str) -> dict[str, str]:
    counts = {"body-count": "0", "comments-TOTAL_FORMS": "0", "comments-INITIAL_FORMS": "0"}
    return {"title": title, "slug": "one", "date": "2026-03-01", **counts}


def test_a_parked_post_is_read_and_not_changed(site_a: Site, owner_of) -> None:
    one = write(site_a, "One", "Two")["One"]
    set_limits(site_a, {Kind.POSTS: 1})
    before = all_posts(site_a)
    browser, address = owner_of(site_a), f"/dashboard/pages/{one}/edit/"
    page = browser.get(address).content.decode()
    assert "This post is parked" in page
    for publish in ({}, {"action-publish": "1"}):
        refused = browser.post(address, form_of("Changed") | publish)
        assert refused.status_code == 200
        assert "Nothing was saved: this page is parked." in refused.content.decode()
        assert "Changed" in refused.content.decode()
    assert all_posts(site_a) == before
    listed = browser.get("/dashboard/pages/").content.decode()
    assert listed


def test_a_parked_post_is_published_again_when_there_is_room(site_a: Site, owner_of) -> None:
    keys = write(site_a, "One", "Two")
    set_limits(site_a, {Kind.POSTS: 1})
    browser = owner_of(site_a)
    with tenant_context(site_a):
        PostPage.objects.get(title="Two").delete()
    settle_site(site_id=site_a.pk, now=NOW)
    assert seen(site_a) == []  # who made room may want it for something else
    published = browser.post(
        f"/dashboard/pages/{keys['One']}/edit/", form_of("Changed") | {"action-publish": "1"}
    )
    assert published.status_code == 302
    assert (seen(site_a), parked(site_a)) == (["Changed"], 0)
    settle_site(site_id=site_a.pk, now=NOW)
    assert told(site_a) == []


@pytest.mark.parametrize("way", ["publish", "save", "revision"])
def test_no_way_around_brings_a_parked_post_back(site_a: Site, way: str) -> None:
    one = write(site_a, "One", "Two")["One"]
    with tenant_context(site_a):
        revision = PostPage.objects.get(pk=one).save_revision()
    set_limits(site_a, {Kind.POSTS: 1})
    with tenant_context(site_a):
        post = PostPage.objects.get(pk=one)
        newest = post.save_revision()
        post.live = True
        ways = {"publish": newest.publish, "revision": revision.publish, "save": post.save}
        with pytest.raises(LimitReached):
            ways[way]()
    assert seen(site_a) == ["Two"]


def test_a_copy_of_a_parked_post_takes_a_place(site_a: Site) -> None:
    one = write(site_a, "One", "Two")["One"]
    set_limits(site_a, {Kind.POSTS: 1})
    with tenant_context(site_a):
        with pytest.raises(LimitReached):
            PostPage.objects.get(pk=one).copy(update_attrs={"slug": "again", "title": "Again"})
        PostPage.objects.get(title="Two").delete()
        PostPage.objects.get(pk=one).copy(update_attrs={"slug": "again", "title": "Again"})
        assert entitlements.usage()[Kind.POSTS] == 1


def test_a_parked_post_that_is_deleted_is_no_longer_told_of(site_a: Site) -> None:
    one = write(site_a, "One", "Two")["One"]
    set_limits(site_a, {Kind.POSTS: 1})
    with tenant_context(site_a):
        PostPage.objects.get(pk=one).delete()
    settle_site(site_id=site_a.pk, now=NOW)
    assert told(site_a) == []


def test_an_upload_that_nothing_counts_is_refused(site_a: Site, owner_of, settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path
    file = SimpleUploadedFile("big.pdf", b"x" * 150_000)
    answer = owner_of(site_a).post(
        "/dashboard/documents/multiple/add/",
        {"title": "x" * 300, "collection": "1", "files[]": file},  # a title that is too long for a document
        headers={"x-requested-with": "XMLHttpRequest"},
    )
    assert answer.status_code == 400
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


# -- sites of a membership


def test_visitors_of_the_newest_site_see_a_notice_when_the_plan_has_room_for_fewer(
    site_a: Site, site_b: Site, on_site, django_capture_on_commit_callbacks
) -> None:
    membership = site_a.membership
    Site.objects.filter(pk=site_b.pk).update(membership=membership)
    with django_capture_on_commit_callbacks(execute=True):
        set_limits(site_a, {Kind.SITES: 1})
        apply_entitlements(site_id=site_b.pk, now=NOW)
    assert (told(site_a), told(site_b)) == ([], [("sites", "park", 1, True)])
    assert [on_site(site).get("/").status_code for site in (site_a, site_b)] == [200, 402]
    with pytest.raises(LimitReached):
        create_site(membership=membership, name="Third", slug="third", now=NOW)
    with django_capture_on_commit_callbacks(execute=True):
        choose_sites_that_stay(membership=membership, uids=[str(site_b.uid)], now=NOW)
    assert [on_site(site).get("/").status_code for site in (site_a, site_b)] == [402, 200]
    [excess] = preview(membership=membership, limits=Limits({**LIMITS, Kind.SITES: 1}), now=NOW)
    assert (excess.site, list(excess.stays)) == (None, [str(site_b.uid)])
    with pytest.raises(NothingOfThatName):
        choose_sites_that_stay(membership=membership, uids=["nobody's"], now=NOW)
    with django_capture_on_commit_callbacks(execute=True):
        set_limits(site_a, {Kind.SITES: 2})
    assert [on_site(site).get("/").status_code for site in (site_a, site_b)] == [200, 200]


def test_a_parked_site_comes_back_when_another_goes_into_the_bin(site_a: Site, site_b: Site) -> None:
    Site.objects.filter(pk=site_b.pk).update(membership=site_a.membership)
    set_limits(site_a, {Kind.SITES: 1})
    choose_sites_that_stay(membership=site_a.membership, uids=[str(site_b.uid)], now=NOW)
    assert told(site_a) == [("sites", "park", 1, True)]
    Site.objects.filter(pk=site_b.pk).update(state=Site.State.RECYCLED, recycled_at=NOW)
    settle_site(site_id=site_a.pk, now=NOW)
    assert told(site_a) == []


def test_own_domains_beyond_the_limit_lead_nowhere_and_come_back(site_a: Site) -> None:
    for number, name in enumerate(("one.example", "two.example")):
        DomainClaim.objects.create(
            membership=site_a.membership,
            site=site_a,
            domain=name,
            state="active",
            created_at=NOW + timedelta(hours=number),
            proven_at=NOW,
        )
        Domain.objects.create(tenant=site_a, domain=name, created_at=NOW)
    set_limits(site_a, {Kind.DOMAINS: 1})
    assert told(site_a) == [("domains", "park", 1, False)]
    names = Domain.objects.filter(tenant=site_a).order_by("domain").values_list("domain", flat=True)
    assert list(names) == ["alpha.sites.localhost", "one.example"]
    set_limits(site_a, {Kind.DOMAINS: 2})
    assert (told(site_a), len(names.all())) == ([], 3)
