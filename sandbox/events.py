"""Events: one row for each change of state, and a delivery for each endpoint that listens."""

from typing import Any

from sandbox import store
from sandbox.models import Delivery, Resource
from sandbox.store import Body, Call
from sandbox.switches import switches, take_drop

API_VERSION = "2026-10-28.endive"  # the shapes the double speaks: those of stripe-python 16.1
BURST_SECONDS = 0.25  # how long reordering waits for the rest of a burst


def emit(call: Call, event_type: str, body: Body, *, previous: Body | None = None) -> None:
    """Writes the event with `body` as it is now. `previous`: the former values of what changed."""
    data: Body = {"object": body}
    if previous is not None:
        data["previous_attributes"] = previous
    event = store.add(
        {
            "id": store.new_ref("event"),
            "object": "event",
            "api_version": API_VERSION,
            "created": call.now,
            "data": data,
            "livemode": False,
            "pending_webhooks": 0,
            "request": {"id": call.request_ref, "idempotency_key": call.idempotency_key},
            "type": event_type,
        }
    )
    listening = [
        endpoint.ref
        for endpoint in Resource.objects.filter(kind="webhook_endpoint")
        if {"*", event_type} & set(endpoint.body["enabled_events"])
    ]
    if not listening:
        return
    state = Delivery.State.DROPPED if take_drop(event_type) else Delivery.State.WAITING
    copies = 1 if state == Delivery.State.DROPPED else 1 + switches.duplicate
    Delivery.objects.bulk_create(
        Delivery(
            event_ref=event.ref,
            event_type=event_type,
            endpoint_ref=endpoint,
            state=state,
            due_at=call.at + switches.delay + (BURST_SECONDS if switches.reorder else 0),
        )
        for endpoint in listening
        for _ in range(copies)
    )


def shown(event: Resource) -> Body:
    """The event with the number of deliveries still to be made."""
    waiting = Delivery.objects.filter(event_ref=event.ref, state=Delivery.State.WAITING).count()
    return event.body | {"pending_webhooks": waiting}


def retrieve(_call: Call, _given: Body, *, ref: str) -> Body:
    return shown(store.find("event", ref))


def list_all(_call: Call, given: Body) -> Body:
    rows = store.of_kind("event", given)
    types: list[Any] = given.get("types", [])
    if "type" in given:
        types = [given["type"]]
    if types:
        rows = rows.filter(body__type__in=types)
    return store.page(rows, given, url="/v1/events")
