"""More than is allowed after a downgrade: what stays, what is parked, and how it comes back."""

from datetime import date
from typing import Any

import pytest
from django_tenants.utils import tenant_context

from products.limits import Kind, Limits
from sites import entitlements
from sites.content.models import BlogIndexPage, Parked, PostPage
from sites.entitlements import LimitReached, UnknownKind
from sites.models import OverLimit, OverLimitPolicy, Site
from sites.operations import apply_entitlements
from sites.operations.over_limit import NothingOfThatName, choose_what_stays, preview
from tests.plugins.sites import NOW, set_limits

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
