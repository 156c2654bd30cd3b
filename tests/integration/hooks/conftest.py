"""An endpoint of the network's own, which is told of everything, and what it was told."""

from datetime import UTC, datetime

import pytest

from checkout.hooks.models import Endpoint, Message
from checkout.hooks.operations import make_endpoint
from tests.plugins.receiver import Receiver

MARCH_1 = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def endpoint(staff, receiver: Receiver) -> Endpoint:
    return make_endpoint(url=receiver.url, description="Books", types=[], owner=staff, now=MARCH_1)


def told(endpoint: Endpoint) -> list[str]:
    """The types of the events that are written down for `endpoint`, first to last."""
    return [message.type for message in Message.objects.filter(endpoint=endpoint).order_by("id")]


def waiting(endpoint: Endpoint, *, at: datetime = MARCH_1, type: str = "site.ready") -> Message:  # noqa: A002 -- the model's own word
    """A message that is due at `at`."""
    return Message.objects.create(
        endpoint=endpoint, type=type, data={"id": "a"}, occurred_at=at, next_try_at=at
    )
