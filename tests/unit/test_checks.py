"""The project's own system checks: a set-up that cannot work does not start."""

import pytest

from config.checks import the_networks_settings_can_be_kept


@pytest.mark.parametrize("days", [[], [-1, 3], [0, 3, 1], [0, 0, 1], [0, 1, 15]])
def test_a_schedule_that_is_none_is_refused(settings, days):
    settings.DUNNING_DAYS, settings.EXPIRE_AFTER_DAYS = days, 14
    assert [problem.id for problem in the_networks_settings_can_be_kept()] == ["config.E003"]


def test_days_in_order_that_end_before_the_membership_does_are_a_schedule(settings):
    settings.DUNNING_DAYS, settings.EXPIRE_AFTER_DAYS = [0, 1, 3, 14], 14
    assert the_networks_settings_can_be_kept() == []
