"""When a customer is reminded of what is to come, and until when that still makes sense. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """It goes out `before` what it is about; from `too_late` before it on, it is no longer sent."""

    before: timedelta
    too_late: timedelta = timedelta(0)

    def comes_within(self, now: datetime) -> tuple[datetime, datetime]:
        """What is told at `now` happens later than the first of these and not later than the second.

        So what nobody looked for while the scheduler was away is caught up with, unless its time is over.
        """
        return now + self.too_late, now + self.before


DAY = Reminder(before=timedelta(days=1))
WEEK = Reminder(before=timedelta(days=7), too_late=DAY.before)  # then the other one says it
RENEWAL = Reminder(before=timedelta(days=14))
TRIAL = Reminder(before=timedelta(days=3))
