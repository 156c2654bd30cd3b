"""The days on which an unpaid bill is tried again."""

from datetime import UTC, datetime, timedelta

import pytest

from memberships.policies.dunning import expires_at, first_try, next_try, number_of_try

DAYS = (0, 1, 3, 7)
BILLED = datetime(2026, 4, 1, 9, 30, tzinfo=UTC)


def after(days: float) -> datetime:
    return BILLED + timedelta(days=days)


@pytest.mark.parametrize(
    ("now", "then"),
    [
        (-0.1, 0),
        (0, 1),
        (0.5, 1),
        (1, 3),
        (2.9, 3),
        (3, 7),
        (6.99, 7),
    ],
)
def test_the_card_is_tried_again_on_the_next_of_the_days(now, then):
    assert next_try(billed_at=BILLED, now=after(now), days=DAYS) == after(then)


@pytest.mark.parametrize("now", [7, 7.5, 400])
def test_after_the_last_day_the_card_is_left_alone(now):
    assert next_try(billed_at=BILLED, now=after(now), days=DAYS) is None


def test_days_of_downtime_are_not_made_up_for():
    assert next_try(billed_at=BILLED, now=after(5), days=DAYS) == after(7)


@pytest.mark.parametrize(("now", "number"), [(-1, 0), (0, 1), (0.9, 1), (1, 2), (3, 3), (7, 4), (30, 4)])
def test_a_try_has_a_number(now, number):
    assert number_of_try(billed_at=BILLED, now=after(now), days=DAYS) == number


def test_the_first_try_is_on_the_first_of_the_days():
    assert first_try(billed_at=BILLED, days=DAYS) == BILLED
    assert first_try(billed_at=BILLED, days=(2, 5)) == after(2)


def test_an_overdue_membership_waits_so_many_days():
    assert expires_at(past_due_since=BILLED, days=14) == datetime(2026, 4, 15, 9, 30, tzinfo=UTC)
