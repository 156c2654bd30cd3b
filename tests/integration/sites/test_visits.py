"""Visits: counted without a statement and without a cookie, rolled up once."""

import uuid
from datetime import date, timedelta
from typing import Any

import pytest
import redis
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import tenant_context
from redis.backoff import NoBackoff
from redis.retry import Retry

from sites.content.models import HomePage
from sites.metering import counter, rollup
from sites.models import DailyVisits, Site, VisitBatch
from sites.operations import refresh_usage
from tests.plugins.sites import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("visits")]


def counted(site: Site) -> int:
    counts: Any = counter.client().hgetall(counter.OPEN)
    return sum(int(value) for key, value in counts.items() if key.startswith(b"%d:" % site.pk))


def test_a_page_read_by_a_person_counts_once_and_leaves_no_cookie(
    site_a: Site, site_b: Site, on_site
) -> None:
    response = on_site(site_a).get("/")
    assert (counted(site_a), counted(site_b)) == (1, 0)
    assert response.cookies == {}


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/", {"user-agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"}),
        ("/", {"user-agent": "curl/8.0"}),
        ("/", {"user-agent": ""}),
        ("/", {"user-agent": "Mozilla/5.0 (X11) HeadlessChrome/156.0"}),
        ("/", {"sec-purpose": "prefetch;prerender"}),
        ("/nothing/", {}),
        ("/dashboard/", {}),
        ("/media/images/none.png", {}),
    ],
)
def test_what_is_not_a_person_reading_a_page_does_not_count(
    site_a: Site, on_site, path: str, headers: dict[str, str]
) -> None:
    on_site(site_a).get(path, headers=headers)
    assert counted(site_a) == 0


def test_a_head_request_does_not_count(site_a: Site, on_site) -> None:
    on_site(site_a).head("/")
    assert counted(site_a) == 0


def test_an_editors_own_view_does_not_count(site_a: Site, owner_of) -> None:
    browser = owner_of(site_a)
    browser.get("/")
    with tenant_context(site_a):
        home = HomePage.objects.get().pk
    browser.get(f"/dashboard/pages/{home}/view_draft/")
    assert counted(site_a) == 0


def test_counting_adds_no_statement(site_a: Site, on_site, monkeypatch: pytest.MonkeyPatch) -> None:
    on_site(site_a).get("/")
    with CaptureQueriesContext(connection) as with_counter:
        on_site(site_a).get("/")
    monkeypatch.setattr(counter, "saw", lambda **_: None)
    with CaptureQueriesContext(connection) as without:
        on_site(site_a).get("/")
    assert len(with_counter) == len(without)


def test_a_page_is_served_while_redis_is_away(site_a: Site, on_site, monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = redis.Redis(host="127.0.0.1", port=9, socket_connect_timeout=0.05, retry=Retry(NoBackoff(), 0))
    with monkeypatch.context() as while_away:
        while_away.setattr(counter, "client", lambda: nowhere)
        assert on_site(site_a).get("/").status_code == 200


def count(site: Site, day: date, times: int) -> None:
    counter.client().hincrby(counter.OPEN, f"{site.pk}:{day.isoformat()}", times)


def rows(site: Site) -> dict[str, int]:
    return {
        str(day): count for day, count in DailyVisits.objects.filter(site=site).values_list("day", "count")
    }


def test_counts_are_added_to_the_rows_of_their_days(site_a: Site, site_b: Site) -> None:
    today = NOW.date()
    count(site_a, today, 3)
    count(site_a, today - timedelta(days=1), 2)
    count(site_b, today, 7)
    assert rollup.roll_up(now=NOW) == 12
    count(site_a, today, 4)
    assert rollup.roll_up(now=NOW) == 4
    assert rollup.roll_up(now=NOW) == 0
    assert rows(site_a) == {"2026-03-12": 7, "2026-03-11": 2}
    assert rows(site_b) == {"2026-03-12": 7}
    assert counter.client().keys("sitewright:*") == []


def test_a_batch_that_was_added_before_the_crash_is_not_added_again(
    site_a: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    count(site_a, NOW.date(), 5)

    class Crash(BaseException):
        pass

    class Dies(redis.Redis):
        def delete(self, *_names: object) -> int:
            raise Crash

    store = counter.client()
    dies = Dies(connection_pool=store.connection_pool)
    monkeypatch.setattr(rollup, "client", lambda: dies)
    with pytest.raises(Crash):
        rollup.roll_up(now=NOW)
    assert rows(site_a) == {"2026-03-12": 5}
    monkeypatch.setattr(rollup, "client", lambda: store)
    assert rollup.roll_up(now=NOW) == 0
    assert rows(site_a) == {"2026-03-12": 5}
    assert store.keys("sitewright:*") == []


def test_a_batch_left_behind_before_it_was_added_is_added_later(site_a: Site) -> None:
    count(site_a, NOW.date(), 5)
    counter.client().rename(counter.OPEN, f"{rollup.BATCH}{uuid.uuid4().hex}")  # and then the worker died
    count(site_a, NOW.date(), 1)
    assert rollup.roll_up(now=NOW) == 6
    assert rows(site_a) == {"2026-03-12": 6}
    assert VisitBatch.objects.count() == 2


def test_a_store_that_refuses_to_hand_out_the_counts_is_an_error_and_not_silence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuses(*_names: str) -> None:
        raise redis.ResponseError("READONLY You can't write against a read only replica.")

    monkeypatch.setattr(counter.client(), "rename", refuses)
    with pytest.raises(redis.ResponseError, match="READONLY"):
        rollup.roll_up(now=NOW)


def test_visits_of_a_site_that_is_gone_hold_up_no_others(site_a: Site) -> None:
    counter.client().hincrby(counter.OPEN, "999999:2026-03-12", 3)
    count(site_a, NOW.date(), 1)
    rollup.roll_up(now=NOW)
    assert rows(site_a) == {"2026-03-12": 1}
    assert DailyVisits.objects.count() == 1


def test_the_visits_of_a_month_are_part_of_what_is_used(site_a: Site) -> None:
    for day, number in (
        (date(2026, 2, 28), 100),
        (date(2026, 3, 1), 10),
        (date(2026, 3, 31), 1),
        (date(2025, 3, 5), 50),
    ):
        DailyVisits.objects.create(site=site_a, day=day, count=number)
    assert rollup.visits_in_month(site_id=site_a.pk, day=NOW.date()) == 11
    assert refresh_usage(site_id=site_a.pk, now=NOW)["visits"] == 11
