"""Moving counts from Redis to rows: each once, whatever dies in between.

The open hash is renamed, which takes it out of the counter's way in one step; the batch's name goes into a
row together with the sums it made. A batch that is found in Redis and also as a row was added already, and
only its hash is left to remove.
"""

import uuid
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Final

import redis
from django.db import connection, transaction

from sites.metering.counter import OPEN, client
from sites.models import DailyVisits, VisitBatch

BATCH: Final = "sitewright:visits:batch:"
NOTHING_WAS_COUNTED: Final = "no such key"  # Redis of a hash that it does not have
ADD: Final = """
    INSERT INTO sites_dailyvisits (site_id, day, count)
    SELECT site.id, counted.day, counted.count
      FROM unnest(%s::bigint[], %s::date[], %s::bigint[]) AS counted (site_id, day, count)
      JOIN sites_site AS site ON site.id = counted.site_id
     ORDER BY site.id, counted.day
    ON CONFLICT (site_id, day) DO UPDATE SET count = sites_dailyvisits.count + excluded.count
"""


def roll_up(*, now: datetime) -> int:
    """Add what was counted since the last time, and what an earlier run left. Returns the views added."""
    store = client()
    try:
        store.rename(OPEN, f"{BATCH}{uuid.uuid4().hex}")
    except redis.ResponseError as error:
        if str(error) != NOTHING_WAS_COUNTED:
            raise
    keys: list[Any] = list(store.scan_iter(f"{BATCH}*"))
    return sum(_add(store, key.decode(), now=now) for key in keys)


def visits_in_month(*, site_id: int, day: date) -> int:
    """Page views of a site in the calendar month (UTC) of `day`, as far as they are rolled up."""
    rows = DailyVisits.objects.filter(site_id=site_id, day__year=day.year, day__month=day.month)
    return sum(rows.values_list("count", flat=True))


def _add(store: redis.Redis, key: str, *, now: datetime) -> int:
    counts = list(_counts(store, key))
    with transaction.atomic(), connection.cursor() as cursor:
        _batch, is_new = VisitBatch.objects.get_or_create(
            uid=uuid.UUID(key.removeprefix(BATCH)), defaults={"added_at": now}
        )
        if is_new and counts:
            cursor.execute(ADD, [list(column) for column in zip(*counts, strict=True)])
    store.delete(key)
    return sum(count for _site, _day, count in counts) if is_new else 0


def _counts(store: redis.Redis, key: str) -> Iterator[tuple[int, date, int]]:
    found: Any = store.hgetall(key)
    for field, count in found.items():
        site, _colon, day = field.decode().partition(":")
        yield int(site), date.fromisoformat(day), int(count)
