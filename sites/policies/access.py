"""What the owner and the visitors of a site get, from how its membership stands. Pure.

| membership | the owner | visitors |
|---|---|---|
| trial, active, overdue | everything | the site |
| ended, within the grace days | reads, writes nothing | the site |
| ended, after them; never begun | reads, writes nothing | a notice |
"""

from datetime import datetime, timedelta
from enum import StrEnum

from products.pricing import Status

RUNNING = frozenset({Status.TRIALING, Status.ACTIVE, Status.PAST_DUE})


class Access(StrEnum):
    OPEN = "open"
    READ_ONLY = "read_only"
    NOTICE = "notice"


def access(*, status: Status, ended_at: datetime | None, now: datetime, grace_days: int) -> Access:
    """`ended_at` says since when a membership that is expired or cancelled is over."""
    if status in RUNNING:
        return Access.OPEN
    if ended_at is not None and now < grace_ends_at(ended_at=ended_at, grace_days=grace_days):
        return Access.READ_ONLY
    return Access.NOTICE


def grace_ends_at(*, ended_at: datetime, grace_days: int) -> datetime:
    """From when on visitors see the notice."""
    return ended_at + timedelta(days=grace_days)
