"""Who gets to see what of a site, state by state."""

from datetime import UTC, datetime, timedelta

import pytest

from products.pricing import Status
from sites.models import Site
from sites.policies.access import Access, access

ENDED = datetime(2026, 4, 1, 9, 30, tzinfo=UTC)
RUNNING = [Status.TRIALING, Status.ACTIVE, Status.PAST_DUE]
OVER = [Status.EXPIRED, Status.CANCELLED]


def at(days: float, *, status: Status, grace_days: int = 14) -> Access:
    ended_at = ENDED if status in OVER else None
    return access(status=status, ended_at=ended_at, now=ENDED + timedelta(days=days), grace_days=grace_days)


@pytest.mark.parametrize("status", RUNNING)
def test_a_running_membership_has_open_sites(status):
    assert at(1000, status=status) == Access.OPEN


@pytest.mark.parametrize("status", OVER)
@pytest.mark.parametrize(
    ("days", "granted"), [(0, Access.READ_ONLY), (13.99, Access.READ_ONLY), (14, Access.NOTICE)]
)
def test_the_sites_of_an_ended_membership_are_read_only_and_then_a_notice(status, days, granted):
    assert at(days, status=status) == granted


def test_without_grace_days_the_notice_comes_at_once():
    assert at(0, status=Status.EXPIRED, grace_days=0) == Access.NOTICE


def test_a_membership_that_never_began_shows_a_notice():
    assert at(0, status=Status.PENDING) == Access.NOTICE


def test_the_rows_know_the_same_kinds_of_access():
    assert set(Site.Access.values) == set(Access)
