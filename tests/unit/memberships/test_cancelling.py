"""When a cancellation takes effect."""

from datetime import UTC, datetime

import pytest

from memberships.policies.lifecycle import cancels_at
from products.pricing import Status

MAY_1, APRIL_14 = datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 4, 14, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "period_end", "trial_end", "at"),
    [
        (Status.ACTIVE, MAY_1, None, MAY_1),
        (Status.TRIALING, None, APRIL_14, APRIL_14),
        (Status.ACTIVE, None, None, None),
        (Status.PAST_DUE, MAY_1, None, None),
        (Status.PAST_DUE, None, APRIL_14, None),
        (Status.PENDING, None, None, None),
    ],
)
def test_what_was_paid_for_is_used_up_first(status, period_end, trial_end, at):
    assert cancels_at(status=status, period_end=period_end, trial_end=trial_end) == at
