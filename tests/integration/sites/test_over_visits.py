"""Visits of a month against their limit: the owner is told, a week passes, and visitors see a notice."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from memberships.models import Notice
from products.limits import Kind
from sites.metering import counter
from sites.models import DailyVisits, OverLimit, OverLimitPolicy, Site
from sites.operations.over_limit_mails import notices_begun, tell_of_notice
from sites.operations.recycle import recycle_site
from sites.operations.sweeps import sites_over_limits
from sites.operations.visits import settle_visits, sites_to_look_at
from sites.tasks import roll_up_visits, tell_of_notices
from tests.plugins.sites import NOW, set_limits

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)
APRIL = datetime(2026, 4, 1, tzinfo=UTC)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch):
    """Let requests be made at another time."""

    def at(moment: datetime) -> None:
        monkeypatch.setattr("sites.middleware.timezone.now", lambda: moment)

    return at


def visited(site: Site, times: int, *, day: date = date(2026, 3, 5)) -> None:
    DailyVisits.objects.update_or_create(site=site, day=day, defaults={"count": times})


def look(*, now: datetime = NOW) -> list[int]:
    """What the task of each minute does. Answers where it looked."""
    found = list(sites_to_look_at(now=now))
    for site_id in found:
        settle_visits(site_id=site_id, now=now)
    return found


def mails(site: Site) -> list[tuple[str, Any, Any]]:
    notices = Notice.objects.filter(membership=site.membership).order_by("pk")
    return [(each.kind, each.facts["used"], each.facts["until"]) for each in notices]


def notice_at(site: Site) -> datetime | None:
    return OverLimit.objects.get(site=site, kind="visits", ended_at=None).notice_at


def test_the_owner_is_told_once_at_eighty_percent_and_once_when_all_are_used(site_a: Site) -> None:
    visited(site_a, 799)
    assert look() == []
    visited(site_a, 800)
    assert look() == [site_a.pk]
    visited(site_a, 900)
    assert look() == []
    visited(site_a, 1000)
    assert look() == [site_a.pk]
    visited(site_a, 1001)
    assert look() == [site_a.pk]
    assert look() == []
    week = (NOW + WEEK).isoformat()
    assert mails(site_a) == [("visits_near", 800, week), ("visits_over", 1000, week)]
    facts = Notice.objects.get(kind="visits_over").facts
    assert (facts["site"], facts["allowed"], facts["at"]) == ("Alpha Garden", 1000, APRIL.isoformat())


def test_another_site_is_neither_told_nor_held(site_a: Site, site_b: Site) -> None:
    visited(site_a, 5000)
    assert look() == [site_a.pk]
    assert mails(site_b) == []
    assert not site_b.over_limits.exists()


def test_visitors_see_the_site_for_a_week_and_then_a_polite_notice(
    site_a: Site, on_site, owner_of, clock, django_capture_on_commit_callbacks
) -> None:
    visited(site_a, 1001)
    with django_capture_on_commit_callbacks(execute=True):
        look()
    owner, visitor = owner_of(site_a), on_site(site_a)
    clock(NOW + WEEK - timedelta(seconds=1))
    assert visitor.get("/").status_code == 200
    text = owner.get("/dashboard/").content.decode()
    assert "Visits per month: 1 more than your plan allows. From 19 March 2026 visitors see a notice" in text
    clock(NOW + WEEK)
    answer = visitor.get("/")
    assert answer.status_code == 402
    assert "This website takes a short break." in answer.content.decode()
    assert f'href="http://localhost:8000/sites/{site_a.uid}/upgrade/"' in answer.content.decode()
    assert answer.cookies == {}
    assert owner.get("/").status_code == 200


def told_of_notices(site: Site, *, now: datetime, time_machine: Any) -> list[dict[str, Any]]:
    """What the task says by mail that each time over a limit brings."""
    time_machine.move_to(now, tick=False)
    tell_of_notices()
    mails = Notice.objects.filter(membership=site.membership, kind="visitors_see_notice").order_by("pk")
    return [mail.facts for mail in mails]


def test_the_owner_is_told_once_when_visitors_begin_to_see_the_notice(
    site_a: Site, site_b: Site, time_machine, django_assert_num_queries
) -> None:
    visited(site_a, 1001)
    visited(site_b, 1000)
    look()
    assert told_of_notices(site_a, now=NOW + WEEK - timedelta(seconds=1), time_machine=time_machine) == []
    told = {"site": "Alpha Garden", "limit": "visits", "allowed": 1000, "at": APRIL.isoformat()}
    assert told_of_notices(site_a, now=NOW + WEEK, time_machine=time_machine) == [told]
    with django_assert_num_queries(1):
        tell_of_notices()
    assert told_of_notices(site_a, now=NOW + WEEK, time_machine=time_machine) == [told]
    assert told_of_notices(site_b, now=NOW + WEEK, time_machine=time_machine) == []


def test_who_made_room_or_whose_membership_ended_is_not_told_of_a_notice(
    site_a: Site, site_b: Site, time_machine
) -> None:
    visited(site_a, 1001)
    visited(site_b, 1001)
    look()
    begun = [(each.pk, each.site_id) for each in OverLimit.objects.order_by("pk")]
    assert notices_begun(now=NOW + WEEK) == begun
    set_limits(site_a, {Kind.VISITS: 2000})
    Site.objects.filter(pk=site_b.pk).update(access="read_only")
    for over_limit_id, site_id in begun:
        tell_of_notice(over_limit_id=over_limit_id, site_id=site_id, now=NOW + WEEK)
    for site in (site_a, site_b):
        assert told_of_notices(site, now=NOW + WEEK, time_machine=time_machine) == []


def test_a_notice_at_once_is_told_at_once_with_no_day_on_which_it_ends(site_a: Site, time_machine) -> None:
    OverLimitPolicy.objects.create(kind="users", policy="block")
    set_limits(site_a, {Kind.USERS: 0})
    assert told_of_notices(site_a, now=NOW, time_machine=time_machine) == [
        {"site": "Alpha Garden", "limit": "users", "allowed": 0, "at": None}
    ]


def test_what_visitors_see_of_the_notice_is_no_visit(
    site_a: Site, on_site, visits, clock, django_capture_on_commit_callbacks
) -> None:
    visited(site_a, 1001)
    with django_capture_on_commit_callbacks(execute=True):
        look()
    clock(NOW + WEEK)
    on_site(site_a).get("/")
    assert counter.client().hlen(counter.OPEN) == 0


def test_an_upgrade_ends_it_at_once(site_a: Site, on_site, clock, django_capture_on_commit_callbacks) -> None:
    visited(site_a, 1001)
    look()
    clock(NOW + WEEK)
    assert on_site(site_a).get("/").status_code == 402
    with django_capture_on_commit_callbacks(execute=True):
        set_limits(site_a, {Kind.VISITS: 2000})
    assert on_site(site_a).get("/").status_code == 200
    assert look() == []
    visited(site_a, 2001)
    assert look(now=NOW + WEEK) == [site_a.pk]
    assert notice_at(site_a) == NOW + 2 * WEEK
    assert [kind for kind, *_facts in mails(site_a)] == ["visits_over", "visits_over"]


def test_a_downgrade_in_the_middle_of_the_month_leaves_a_week(site_a: Site) -> None:
    visited(site_a, 900, day=date(2026, 3, 1))
    set_limits(site_a, {Kind.VISITS: 100}, now=NOW)
    assert notice_at(site_a) == NOW + WEEK


def test_the_next_month_begins_anew(site_a: Site, on_site, clock, django_capture_on_commit_callbacks) -> None:
    visited(site_a, 1001)
    look()
    assert look(now=APRIL - timedelta(seconds=1)) == []
    with django_capture_on_commit_callbacks(execute=True):
        assert look(now=APRIL) == [site_a.pk]
    clock(APRIL)
    assert on_site(site_a).get("/").status_code == 200
    visited(site_a, 850, day=date(2026, 4, 2))
    look(now=APRIL + timedelta(days=2))
    assert [kind for kind, *_facts in mails(site_a)] == ["visits_over", "visits_near"]


def test_the_week_does_not_begin_again_with_each_look(site_a: Site) -> None:
    visited(site_a, 1001)
    look()
    visited(site_a, 1500)
    settle_visits(site_id=site_a.pk, now=NOW + timedelta(days=3))
    assert notice_at(site_a) == NOW + WEEK
    assert sites_over_limits() == [site_a.pk]


def test_where_the_network_keeps_sites_up_nobody_sees_a_notice(site_a: Site) -> None:
    OverLimitPolicy.objects.create(kind="visits", policy="keep")
    visited(site_a, 1001)
    look()
    assert notice_at(site_a) is None
    assert mails(site_a) == [("visits_over", 1001, None)]


def test_unlimited_visits_are_never_looked_at(site_a: Site) -> None:
    set_limits(site_a, {Kind.VISITS: None})
    visited(site_a, 10**9)
    assert look() == []
    settle_visits(site_id=site_a.pk, now=NOW)
    assert mails(site_a) == []


def test_a_site_whose_membership_ended_is_not_told_of_visits(site_a: Site) -> None:
    visited(site_a, 1001)
    Site.objects.filter(pk=site_a.pk).update(access="read_only")
    assert look() == []
    settle_visits(site_id=site_a.pk, now=NOW)
    assert (mails(site_a), OverLimit.objects.count()) == ([], 0)


def test_a_site_in_the_recycle_bin_is_not_looked_at(site_a: Site) -> None:
    visited(site_a, 1001)
    assert look() == [site_a.pk]
    recycle_site(site_id=site_a.pk, now=NOW)
    assert (look(), look(now=APRIL)) == ([], [])


def test_looking_at_all_sites_takes_three_statements(site_a: Site, site_b: Site) -> None:
    visited(site_a, 1001)
    visited(site_b, 1001)
    with CaptureQueriesContext(connection) as queries:
        assert sorted(sites_to_look_at(now=NOW)) == [site_a.pk, site_b.pk]
    assert len(queries) == 3


def test_counting_rolling_up_and_telling_are_one_chain(
    site_a: Site, on_site, visits, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.clear()
    set_limits(site_a, {Kind.VISITS: 2})
    monkeypatch.setattr("sites.tasks.settle_visits.enqueue", lambda *, site_id: queued.append(site_id))
    queued: list[int] = []
    for _ in range(2):
        assert on_site(site_a).get("/").status_code == 200
    roll_up_visits()
    assert queued == [site_a.pk]
