"""When a cancellation takes effect. Pure."""

from datetime import datetime

from products.pricing import Status


def cancels_at(*, status: Status, period_end: datetime | None, trial_end: datetime | None) -> datetime | None:
    """The end of what was paid for, or of the trial; None for at once.

    A free membership has nothing to use up, and one whose bill is overdue has used up what it paid for.
    """
    match status:
        case Status.TRIALING:
            return trial_end
        case Status.ACTIVE:
            return period_end
        case _:
            return None
