"""Owners who change the network's settings at the same moment: one after the other, and the second is told."""

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.network.live import network
from accounts.network.models import NetworkSettings
from accounts.network.operations import ChangedMeanwhile, change_settings
from tests.factories.at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)
HOURS = (12, 48)


@pytest.mark.parametrize("seen", [0, 1], ids=["the first change", "a later one"])
def test_of_two_changes_at_once_one_is_made_and_one_told(seen):
    owners = [User.objects.create_user(f"{name}@network.example", is_staff=True) for name in ("olga", "omar")]
    if seen:
        change_settings(chosen={}, given_up=(), seen=0, actor=owners[0], now=timezone.now())

    def change(index: int) -> None:
        change_settings(
            chosen={"undo_hours": HOURS[index]},
            given_up=(),
            seen=seen,
            actor=owners[index],
            now=timezone.now(),
        )

    answers = at_once(2, change)
    assert [type(answer) for answer in answers if answer is not None] == [ChangedMeanwhile]
    [won] = [index for index, answer in enumerate(answers) if answer is None]
    row = NetworkSettings.objects.get()
    assert (row.version, row.undo_hours, row.changed_by) == (seen + 1, HOURS[won], owners[won])
    assert network.undo_hours == HOURS[won]
