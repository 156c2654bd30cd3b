"""Bob has Free and Alice Premium since 1 March 2026."""

from datetime import UTC, datetime

import pytest

MARCH_1 = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def bob(world, catalogue):
    """On Free since 1 March."""
    return world.signs_up("bob", catalogue.free, now=MARCH_1)


@pytest.fixture
def alice(world, catalogue):
    """On Premium for the whole of March, card saved."""
    return world.signs_up("alice", catalogue.premium, now=MARCH_1)
