"""What staff give a membership beside its plan: added up, applied in the site, ended on its day, told."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from django_tenants.utils import tenant_context

from accounts.models import User
from checkout.operations.books import what_is_wrong as findings
from memberships.models import LimitOverride, Membership
from memberships.operations.entitlements import entitlements
from memberships.operations.overrides import end_overdue_overrides, given_beside, override_limits
from products.limits import Kind
from sites import tasks
from sites.content.models import SiteLimit
from sites.models import Site
from sites.operations import apply_entitlements
from sites.operations.sweeps import sites_out_of_line
from tests.plugins.sites import NOW

LATER = NOW + timedelta(days=10)


@pytest.fixture
def membership(site_a: Site) -> Membership:
    """Alice's: 3 posts, no contact forms."""
    return site_a.membership


@pytest.fixture
def give(membership, staff):
    def give(amounts, *, reason="Asked by phone", ends_at=None, now=NOW):
        override_limits(
            membership=membership, amounts=amounts, reason=reason, ends_at=ends_at, actor=staff, now=now
        )

    return give


def page_of(membership: Membership) -> str:
    return f"/admin/memberships/membership/{membership.pk}/limits/"


def typed(**changes: object) -> dict[str, object]:
    """The form as it stands when nothing is given, with `changes`."""
    counted = [kind for kind in Kind if not kind.is_switch]
    form: dict[str, object] = {f"limit_{kind.value}_0": "none" for kind in counted}
    return form | {"limit_disk_2": "GB", "reason": "Asked by phone", "ends_on": ""} | changes


def test_it_comes_on_top_of_the_plan(membership, give):
    give({Kind.POSTS: 5, Kind.PAGES: None, Kind.CONTACT_FORMS: None})
    allowed = entitlements(membership)
    assert (allowed[Kind.POSTS], allowed[Kind.PAGES], allowed[Kind.CONTACT_FORMS]) == (8, None, None)
    assert allowed[Kind.USERS] == 2


def test_the_site_follows_and_the_sweep_finds_one_that_did_not(site_a, give):
    apply_entitlements(site_id=site_a.pk, now=NOW)
    assert sites_out_of_line(now=NOW) == []
    give({Kind.POSTS: 5})
    assert sites_out_of_line(now=NOW) == [site_a.pk]
    apply_entitlements(site_id=site_a.pk, now=NOW)
    with tenant_context(site_a):
        assert SiteLimit.objects.get(kind=Kind.POSTS).allowed == 8


def test_the_sites_are_told_after_the_commit(
    site_a, give, django_capture_on_commit_callbacks, monkeypatch
) -> None:
    told = []
    monkeypatch.setattr(tasks.apply_entitlements, "enqueue", lambda **what: told.append(what))
    with django_capture_on_commit_callbacks(execute=True):
        give({Kind.POSTS: 5})
    assert told == [{"site_id": site_a.pk}]


def test_another_amount_takes_its_place_and_what_was_is_kept(membership, give):
    give({Kind.POSTS: 5, Kind.PAGES: 1})
    give({Kind.POSTS: 2}, now=LATER)
    rows = LimitOverride.objects.order_by("id").values_list("kind", "amount", "ended_at")
    assert list(rows) == [("posts", 5, LATER), ("pages", 1, None), ("posts", 2, None)]
    assert dict(given_beside(membership).amounts) == {Kind.POSTS: 2, Kind.PAGES: 1}


def test_nothing_ends_it(membership, give):
    give({Kind.POSTS: None})
    give({Kind.POSTS: 0}, now=LATER)
    assert (entitlements(membership)[Kind.POSTS], LimitOverride.objects.in_force().count()) == (3, 0)


def test_it_ends_by_itself_on_its_day_and_no_other_does(membership, give):
    give({Kind.POSTS: 5}, ends_at=LATER)
    give({Kind.PAGES: 1})
    assert end_overdue_overrides(now=LATER - timedelta(seconds=1)) == 0
    assert end_overdue_overrides(now=LATER) == 1
    assert end_overdue_overrides(now=LATER) == 0
    assert dict(given_beside(membership).amounts) == {Kind.PAGES: 1}


def test_it_cannot_end_before_it_begins(give):
    with pytest.raises(ValueError, match="cannot end at"):
        give({Kind.POSTS: 5}, ends_at=NOW)
    assert LimitOverride.objects.count() == 0


def test_the_database_keeps_one_of_a_kind(membership, give):
    give({Kind.POSTS: 5})
    with pytest.raises(IntegrityError, match="a_membership_has_one_override_of_a_kind"), transaction.atomic():
        LimitOverride.objects.create(
            membership=membership, kind="posts", amount=1, reason="Twice", created_at=NOW
        )


def test_an_ended_membership_has_nothing_of_it_until_it_comes_back(membership, give):
    give({Kind.POSTS: 5})
    membership.move(Membership.State.CANCELLED, now=NOW)
    assert entitlements(membership)[Kind.POSTS] == 0
    membership.move(Membership.State.ACTIVE, now=NOW)
    assert entitlements(membership)[Kind.POSTS] == 8


def test_the_books_count_it(site_a, give):
    give({Kind.POSTS: 5, Kind.PAGES: None})
    an_hour_later = NOW + timedelta(hours=1)
    mine = f"site {site_a.uid}"
    assert "entitlements" in {found.code for found in findings(now=an_hour_later) if found.subject == mine}
    apply_entitlements(site_id=site_a.pk, now=NOW)
    assert [found for found in findings(now=an_hour_later) if found.subject == mine] == []


def test_the_page_gives_and_shows_what_is_given(desk, staff, membership):
    last_day = timezone.now().date() + timedelta(days=3)
    form = typed(limit_posts_0="some", limit_posts_1="5", limit_contact_forms="on", ends_on=str(last_day))
    assert desk.post(page_of(membership), form).status_code == 302
    midnight = datetime(last_day.year, last_day.month, last_day.day, tzinfo=UTC) + timedelta(days=1)
    rows = membership.overrides.order_by("kind").values_list("kind", "amount", "reason", "actor", "ends_at")
    assert list(rows) == [
        ("contact_forms", None, "Asked by phone", staff.pk, midnight),
        ("posts", 5, "Asked by phone", staff.pk, midnight),
    ]
    page = desk.get(page_of(membership)).content.decode()
    assert 'name="limit_posts_1" value="5"' in page


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, "Nothing was changed. Change a limit, or go back."),
        ({"limit_posts_0": "some", "limit_posts_1": "5", "reason": ""}, "This field is required."),
        ({"limit_posts_0": "some"}, "Enter a number, or choose another word before it."),
        (
            {"limit_posts_0": "some", "limit_posts_1": "-5"},
            "Ensure this value is greater than or equal to 0.",
        ),
        (
            {"limit_posts_0": "unlimited", "ends_on": "2020-01-01"},
            "This day is over. Choose today or a later day.",
        ),
    ],
    ids=["nothing", "no reason", "no number", "below zero", "a day that is over"],
)
def test_a_form_that_cannot_be_is_shown_again_and_gives_nothing(desk, membership, changes, sentence):
    answer = desk.post(page_of(membership), typed(**changes))
    assert (answer.status_code, sentence in answer.content.decode()) == (422, True)
    assert LimitOverride.objects.count() == 0


def test_who_may_only_look_at_memberships_gives_nothing(membership):
    reader = User.objects.create_user("reader@network.example", is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_membership"))
    client = Client(SERVER_NAME="localhost")
    client.force_login(reader)
    for page in ("limits", "note"):
        address = f"/admin/memberships/membership/{membership.pk}/{page}/"
        assert client.post(address, typed(limit_posts_0="unlimited", text="Hello")).status_code == 403
    assert (LimitOverride.objects.count(), membership.notes.count()) == (0, 0)


def test_the_timeline_tells_what_was_given_ended_and_noted(desk, membership, give):
    give({Kind.POSTS: 5}, reason="A week of festival", ends_at=LATER)
    end_overdue_overrides(now=LATER)
    desk.post(f"/admin/memberships/membership/{membership.pk}/note/", {"text": "Call before noon."})
    page = desk.get(f"/admin/memberships/membership/{membership.pk}/change/").content.decode()
    for told in (
        "Given beside the plan: Posts: 5",
        "A week of festival",
        "until the end of 22 March 2026",
        "No longer given beside the plan: Posts: 5",
        "Call before noon.",
    ):
        assert told in page


def test_an_empty_note_says_nothing(desk, membership):
    address = f"/admin/memberships/membership/{membership.pk}/note/"
    assert desk.post(address, {"text": "  "}).status_code == 422
    assert membership.notes.count() == 0
