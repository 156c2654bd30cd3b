"""The network's settings, which are remembered between requests."""

import pytest
from django.core.cache import caches

from accounts.network import live


@pytest.fixture(autouse=True)
def _nothing_is_set_at_the_desk(request: pytest.FixtureRequest) -> None:
    """Each test begins as a network does that runs for a while: that nothing is set at the desk is remembered. No test
    has another test's settings, nor the statement that looks for them."""
    if {"db", "transactional_db"} & set(request.fixturenames) or request.node.get_closest_marker("django_db"):
        caches["network"].delete(live.VERSION)
        caches["network"].set(live.VALUES, {"version": None, "values": {}}, timeout=3600)
