"""Events that the gateway has and we have not: its webhook never came, or was never taken."""

import logging
from datetime import datetime

from django.db import DataError

from memberships.billing.choose import gateway
from memberships.models import InboundEvent
from memberships.webhooks import stripe as _handlers  # noqa: F401 -- importing registers the handlers
from memberships.webhooks.registry import kinds

log = logging.getLogger(__name__)


def fetch_missed_events(*, since: datetime, now: datetime) -> list[int]:
    """Store what has happened at the gateway from `since` on and never reached us. Answers the ids of what is new,
    which are to be handled like any other. Raises GatewayUnavailable; what was stored until then stays."""
    new = []
    for event in gateway().events_since(since, kinds=kinds()):
        try:
            event_id = InboundEvent.objects.store(
                source="stripe",
                external_id=event.id,
                kind=event.kind,
                object_id=event.object_id,
                payload=event.payload,
                received_at=now,
            )
        except DataError:
            log.exception("event %s cannot be stored", event.id)
            continue
        if event_id is not None:
            new.append(event_id)
    return new
