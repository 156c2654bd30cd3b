"""When a message that was not taken is sent again. Pure."""

from datetime import timedelta
from typing import Final

# the schedule that Standard Webhooks suggests: ten tries in three days
PAUSES: Final = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
TRIED_FOR: Final = sum(PAUSES, timedelta())


def pause_after(tries: int) -> timedelta | None:
    """How long to wait after so many failed `tries`; None: it is given up."""
    return PAUSES[tries - 1] if tries <= len(PAUSES) else None
