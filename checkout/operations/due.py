"""What the schedule has to do now, found in batches by key: nothing is read twice and nothing passed over, however much
is done in between, and no list grows with the number of members."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from accounts.network.live import network
from memberships.models import Membership, Payment

SIZE = 100  # of a batch, the first is carried out when the last has been charged


def memberships_to_renew(*, now: datetime) -> Iterator[list[int]]:
    """Whose period or trial has ended."""
    return in_batches(Membership.objects.due_for_renewal(at=now))


def bills_to_try(*, now: datetime) -> Iterator[list[int]]:
    """Open payments whose saved card is to be charged again."""
    return in_batches(Payment.objects.filter(state=Payment.State.OPEN, next_try_at__lte=now))


def memberships_to_expire(*, now: datetime) -> Iterator[list[int]]:
    """Those overdue for too long."""
    long_ago = now - timedelta(days=network.expire_after_days)
    return in_batches(
        Membership.objects.filter(state=Membership.State.PAST_DUE, past_due_since__lte=long_ago)
    )


def in_batches(rows: QuerySet[Any], *, size: int = SIZE) -> Iterator[list[int]]:
    """The keys of `rows`, lowest first, one statement a batch."""
    last = 0
    while keys := list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:size]):
        yield keys
        last = keys[-1]
