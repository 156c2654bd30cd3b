"""When an unpaid bill is tried again, and how long its membership waits for the money. Pure.

`days` are whole days after the bill was made, in ascending order and at least one: (0, 1, 3, 7) tries at once and
three times more.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta


def first_try(*, billed_at: datetime, days: Sequence[int]) -> datetime:
    """When the card is tried first."""
    return _tries(billed_at, days)[0]


def next_try(*, billed_at: datetime, now: datetime, days: Sequence[int]) -> datetime | None:
    """When the card is tried next, after `now`; None when the schedule is over.

    Days that went by while nobody looked are not made up for: a card is tried once, not three times at a go.
    """
    return next((at for at in _tries(billed_at, days) if at > now), None)


def number_of_try(*, billed_at: datetime, now: datetime, days: Sequence[int]) -> int:
    """Which try it is at `now`: 1 from the first day on, 0 before it."""
    return sum(at <= now for at in _tries(billed_at, days))


def expires_at(*, past_due_since: datetime, days: int) -> datetime:
    """When an overdue membership ends, unless it is paid."""
    return past_due_since + timedelta(days=days)


def _tries(billed_at: datetime, days: Sequence[int]) -> list[datetime]:
    return [billed_at + timedelta(days=day) for day in days]
