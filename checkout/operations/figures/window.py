"""The stretch of time that figures are of, in steps of a day, a week or a month."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from django.contrib.postgres.fields import ArrayField
from django.db.models import DateTimeField, F, Func, IntegerField, Value
from django.utils import timezone


class Step(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


LENGTHS = {Step.DAY: 30, Step.WEEK: 13, Step.MONTH: 12}


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """So many steps, the last of them the running one. `bounds` are where they begin, and where the last one ends."""

    step: Step
    bounds: Sequence[datetime]

    @property
    def since(self) -> datetime:
        return self.bounds[0]

    @property
    def until(self) -> datetime:
        return self.bounds[-1]

    @property
    def steps(self) -> Sequence[tuple[datetime, datetime]]:
        """Beginning and end of each, half-open."""
        return list(pairwise(self.bounds))


def window(*, step: Step, now: datetime) -> Window:
    """The last 30 days, 13 weeks from Monday or 12 calendar months, today's included, in the network's time zone."""
    today = timezone.localtime(now, timezone.get_default_timezone()).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    first = {
        Step.DAY: today,
        Step.WEEK: today - timedelta(days=today.weekday()),
        Step.MONTH: today.replace(day=1),
    }[step]
    before = range(1 - LENGTHS[step], 2)
    return Window(step=step, bounds=[_moved(first, step, by) for by in before])


def number_of_step(field: str, window: Window) -> Func:
    """In which step the instant in `field` lies: 1 for the first, 0 for before it."""
    bounds = Value(list(window.bounds), output_field=ArrayField(DateTimeField()))
    return Func(F(field), bounds, function="width_bucket", output_field=IntegerField())


def _moved(first: datetime, step: Step, by: int) -> datetime:
    if step == Step.MONTH:
        month = first.year * 12 + first.month - 1 + by
        return first.replace(year=month // 12, month=month % 12 + 1)
    return first + by * timedelta(days=1 if step == Step.DAY else 7)
