"""What staff let a membership use beside its plan and packages."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial

from django.db import transaction

from accounts.models import User
from memberships.models import LimitOverride, Membership
from memberships.signals import entitlements_changed
from products.limits import Kind, Limits


def given_beside(membership: Membership) -> Limits:
    """What the overrides in force add. One query."""
    return Limits({Kind(row.kind): row.amount for row in membership.overrides.in_force()})


@transaction.atomic
def override_limits(
    *,
    membership: Membership,
    amounts: Mapping[Kind, int | None],
    reason: str,
    ends_at: datetime | None,
    actor: User,
    now: datetime,
) -> None:
    """Let `membership` use so much more of each kind in `amounts`: in the kind's unit, None for unlimited, 0 to end
    what was given. It takes the place of what was given of that kind; other kinds stay. The sites follow after the
    commit.

    Raises ValueError when it would end before it begins.
    """
    if ends_at is not None and ends_at <= now:
        raise ValueError(f"An override from {now} cannot end at {ends_at}.")
    membership.lock()
    _end(membership.overrides.in_force().filter(kind__in=amounts), now=now)
    LimitOverride.objects.bulk_create(
        LimitOverride(
            membership=membership,
            kind=kind,
            amount=amount,
            reason=reason,
            actor=actor,
            created_at=now,
            ends_at=ends_at,
        )
        for kind, amount in amounts.items()
        if amount != 0
    )
    _tell_the_sites([membership.pk], now)


@transaction.atomic
def end_overdue_overrides(*, now: datetime) -> int:
    """End what was given until now or earlier. Answers how many."""
    overdue = LimitOverride.objects.overdue(at=now).select_for_update(skip_locked=True)
    ended = _end(overdue, now=now)
    _tell_the_sites({row.membership_id for row in ended}, now)
    return len(ended)


def _end(rows: Iterable[LimitOverride], *, now: datetime) -> list[LimitOverride]:
    ended = list(rows)
    for row in ended:
        row.ended_at = now
    LimitOverride.objects.bulk_update(ended, ["ended_at"])
    return ended


def _tell_the_sites(membership_ids: Iterable[int], now: datetime) -> None:
    for membership_id in membership_ids:
        transaction.on_commit(
            partial(entitlements_changed.send_robust, Membership, membership_id=membership_id, now=now)
        )
