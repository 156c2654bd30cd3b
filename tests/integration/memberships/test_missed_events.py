"""Events that the gateway has and never could tell us."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from memberships import tasks
from memberships.billing.gateway import GatewayUnavailable
from memberships.models import InboundEvent
from memberships.webhooks.missed import fetch_missed_events

MARCH_1 = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def attempt(world, catalogue):
    """Of an upgrade that is paid at the gateway, which nobody told us."""
    order = world.orders(world.signs_up("bob", catalogue.free, now=MARCH_1), catalogue.premium, now=MARCH_1)
    attempt = world.opens_the_page(order, now=MARCH_1)
    world.gateway.pay(attempt.gateway_ref)
    return attempt


@pytest.fixture
def queued(monkeypatch) -> list[int]:
    ids: list[int] = []
    monkeypatch.setattr(tasks.handle_inbound_event, "enqueue", lambda *, event_id: ids.append(event_id))
    return ids


def an_hour_ago() -> datetime:
    return timezone.now() - timedelta(hours=1)


def test_what_was_missed_is_stored_once_and_handled_like_any_other(attempt, queued):
    assert (tasks.fetch_missed_events(hours=1), tasks.fetch_missed_events(hours=1)) == (len(queued), 0)
    kinds = set(InboundEvent.objects.values_list("kind", flat=True))
    assert kinds == {"payment_intent.succeeded", "checkout.session.completed"}
    for event_id in queued:
        tasks.handle_inbound_event(event_id=event_id)
    attempt.refresh_from_db()
    assert (attempt.state, attempt.payment.state) == ("succeeded", "paid")


def test_what_we_have_is_not_stored_again_nor_handled_again(attempt, queued):
    fetch_missed_events(since=an_hour_ago(), now=timezone.now())
    InboundEvent.objects.update(state="handled", effect="done")
    assert fetch_missed_events(since=an_hour_ago(), now=timezone.now()) == []
    assert set(InboundEvent.objects.values_list("state", "effect")) == {("handled", "done")}


def test_what_is_older_is_left_alone(attempt):
    assert fetch_missed_events(since=timezone.now() + timedelta(seconds=2), now=timezone.now()) == []


def test_a_gateway_that_is_away_is_asked_by_the_next_run(world, attempt, queued):
    world.gateway.control(
        fail_next={"kind": "server_error", "path": "/v1/events", "method": "GET", "times": 2}
    )
    with pytest.raises(GatewayUnavailable):
        fetch_missed_events(since=an_hour_ago(), now=timezone.now())
    assert (tasks.fetch_missed_events(hours=1), tasks.fetch_missed_events(hours=1)) == (0, 2)
