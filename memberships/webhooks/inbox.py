"""Handle a stored event once, whatever happens around it."""

from collections.abc import Collection
from datetime import datetime

from memberships.models import InboundEvent
from memberships.webhooks import stripe as _handlers  # noqa: F401 -- importing registers the handlers
from memberships.webhooks.registry import handler_of

MOST_ATTEMPTS = 10
DONE = (InboundEvent.State.HANDLED, InboundEvent.State.IGNORED)


def handle(*, event_id: int, now: datetime) -> InboundEvent:
    """Run the handler of event `event_id` and write down what it did. An event that was handled is left alone.

    A handler that fails leaves the event for the sweep, with the error on it, and the exception goes on to the caller.
    Handlers are idempotent, so the row is not kept locked while the gateway is asked.
    """
    event = InboundEvent.objects.defer("payload").get(pk=event_id)
    if event.state in DONE:
        return event
    handler = handler_of(event.kind)
    try:
        effect = handler(event, now) if handler else ""
    except Exception as error:
        _settle(event, state=InboundEvent.State.FAILED, error=f"{type(error).__name__}: {error}", now=now)
        raise
    _settle(
        event,
        state=InboundEvent.State.HANDLED if effect else InboundEvent.State.IGNORED,
        effect=effect,
        now=now,
    )
    return event


def replay(event_ids: Collection[int]) -> None:
    """Make events new again, so that `handle` does its work once more: each handler re-reads the truth."""
    InboundEvent.objects.filter(pk__in=event_ids).update(state=InboundEvent.State.RECEIVED, error="")


def _settle(event: InboundEvent, *, state: str, now: datetime, effect: str = "", error: str = "") -> None:
    """Write down what came of it, unless somebody else has handled it meanwhile. One statement."""
    event.state, event.effect, event.error, event.handled_at = state, effect[:200], error[:2000], now
    event.attempts += 1
    InboundEvent.objects.filter(pk=event.pk).exclude(state__in=DONE).update(
        state=event.state,
        effect=event.effect,
        error=event.error,
        handled_at=event.handled_at,
        attempts=event.attempts,
    )
