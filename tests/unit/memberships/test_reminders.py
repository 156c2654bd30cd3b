"""When somebody is reminded, and until when."""

from datetime import UTC, datetime, timedelta

import pytest

from memberships.policies.reminders import DAY, RENEWAL, TRIAL, WEEK, Reminder

APRIL_1 = datetime(2026, 4, 1, 9, tzinfo=UTC)
A_SECOND = timedelta(seconds=1)


def is_due(reminder: Reminder, *, before: timedelta) -> bool:
    """Whether it is due that long before 1 April."""
    after, until = reminder.comes_within(APRIL_1 - before)
    return after < APRIL_1 <= until


@pytest.mark.parametrize(
    ("reminder", "days"),
    [(WEEK, 7), (DAY, 1), (RENEWAL, 14), (TRIAL, 3)],
    ids=["week", "day", "year", "trial"],
)
def test_a_reminder_goes_out_so_many_days_before(reminder, days):
    assert not is_due(reminder, before=timedelta(days=days) + A_SECOND)
    assert is_due(reminder, before=timedelta(days=days))


def test_a_reminder_is_caught_up_with_as_long_as_it_makes_sense():
    assert is_due(WEEK, before=timedelta(days=1) + A_SECOND)
    assert not is_due(WEEK, before=timedelta(days=1)), "now the other one says it"
    assert is_due(DAY, before=A_SECOND)
    assert not is_due(DAY, before=timedelta(0)), "it has happened"
