"""Let a membership's paid period, or its trial, end later than what was paid for."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction

from accounts.models import User
from memberships.models import Membership, Payment, PeriodExtension, ScheduledChange
from memberships.notices import notify
from memberships.operations.lifecycle import PaymentUnderWay

MOST_DAYS: Final = 366


class NothingToExtend(Exception):
    """Nothing ends: the membership is free, has not begun or is over."""


class TooMuchTime(Exception):
    """More days than `MOST_DAYS`, or none."""


def ends_at(membership: Membership) -> datetime | None:
    """The end that an extension would move: of the paid period, or of the trial; None when there is none."""
    match membership.state:
        case Membership.State.ACTIVE:
            return membership.period_end
        case Membership.State.TRIALING:
            return membership.trial_end
        case _:
            return None


@transaction.atomic
def extend(
    *, membership: Membership, days: int, reason: str, actor: User, uid: UUID, now: datetime
) -> PeriodExtension:
    """Let what runs end `days` later. Nothing is billed for them; the bills that follow are counted from the new end,
    and a change planned for the old one moves along. The same `uid` again answers what it did.

    What was paid is then for the longer period: a change in it gives credit for its share that is left. Raises
    NothingToExtend, TooMuchTime, and PaymentUnderWay while a bill or a change waits for its money.
    """
    if not 1 <= days <= MOST_DAYS:
        raise TooMuchTime
    membership.lock()
    done = membership.extensions.filter(uid=uid).first()
    if done is not None:
        return done
    before = ends_at(membership)
    if before is None:
        raise NothingToExtend
    payment = membership.payments.filter(state=Payment.State.OPEN).first()
    if payment is not None:
        raise PaymentUnderWay(payment)
    extension = membership.extensions.create(
        uid=uid,
        ended_at=before,
        ends_at=before + timedelta(days=days),
        reason=reason,
        actor=actor,
        created_at=now,
    )
    _move(membership, extension)
    reference = f"extension-{uid}"
    membership.transitions.create(
        kind="extended",
        went_to=extension.ends_at.isoformat(),
        at=now,
        actor=actor,
        reference=reference,
        reason=reason,
    )
    notify(membership, "extended", reference=reference, facts={"at": extension.ends_at}, now=now)
    return extension


def _move(membership: Membership, extension: PeriodExtension) -> None:
    field = "period_end" if membership.state == Membership.State.ACTIVE else "trial_end"
    setattr(membership, field, extension.ends_at)
    membership.revision += 1
    membership.save(update_fields=[field, "revision"])
    waiting = membership.scheduled_changes.filter(state=ScheduledChange.State.PENDING)
    waiting.filter(effective_at=extension.ended_at).update(effective_at=extension.ends_at)
