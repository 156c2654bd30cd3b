"""Which operation answers which request."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from sandbox import (
    charges,
    customers,
    events,
    payment_intents,
    payment_methods,
    refunds,
    sessions,
    setup_intents,
    webhook_endpoints,
)
from sandbox.accepted import ACCEPTED
from sandbox.parameters import Fields
from sandbox.store import Body

Operation = Callable[..., Body]  # (call, given, **ids out of the address)

_OPERATIONS: dict[str, Operation] = {
    "POST /v1/customers": customers.create,
    "GET /v1/customers": customers.list_all,
    "GET /v1/customers/{ref}": customers.retrieve,
    "POST /v1/customers/{ref}": customers.update,
    "DELETE /v1/customers/{ref}": customers.delete,
    "GET /v1/customers/{customer}/payment_methods": payment_methods.list_all,
    "GET /v1/customers/{customer}/payment_methods/{ref}": payment_methods.retrieve,
    "GET /v1/payment_methods": payment_methods.list_all,
    "GET /v1/payment_methods/{ref}": payment_methods.retrieve,
    "POST /v1/payment_methods/{ref}": payment_methods.update,
    "POST /v1/payment_methods/{ref}/attach": payment_methods.attach,
    "POST /v1/payment_methods/{ref}/detach": payment_methods.detach,
    "POST /v1/payment_intents": payment_intents.create,
    "GET /v1/payment_intents": payment_intents.list_all,
    "GET /v1/payment_intents/{ref}": payment_intents.retrieve,
    "POST /v1/payment_intents/{ref}/confirm": payment_intents.confirm,
    "POST /v1/payment_intents/{ref}/cancel": payment_intents.cancel,
    "POST /v1/setup_intents": setup_intents.create,
    "GET /v1/setup_intents": setup_intents.list_all,
    "GET /v1/setup_intents/{ref}": setup_intents.retrieve,
    "POST /v1/setup_intents/{ref}/confirm": setup_intents.confirm,
    "POST /v1/setup_intents/{ref}/cancel": setup_intents.cancel,
    "GET /v1/charges": charges.list_all,
    "GET /v1/charges/{ref}": charges.retrieve,
    "POST /v1/refunds": refunds.create,
    "GET /v1/refunds": refunds.list_all,
    "GET /v1/refunds/{ref}": refunds.retrieve,
    "POST /v1/checkout/sessions": sessions.create,
    "GET /v1/checkout/sessions": sessions.list_all,
    "GET /v1/checkout/sessions/{ref}": sessions.retrieve,
    "POST /v1/checkout/sessions/{ref}/expire": sessions.expire,
    "GET /v1/checkout/sessions/{ref}/line_items": sessions.line_items,
    "GET /v1/events": events.list_all,
    "GET /v1/events/{ref}": events.retrieve,
    "POST /v1/webhook_endpoints": webhook_endpoints.create,
    "GET /v1/webhook_endpoints": webhook_endpoints.list_all,
    "GET /v1/webhook_endpoints/{ref}": webhook_endpoints.retrieve,
    "DELETE /v1/webhook_endpoints/{ref}": webhook_endpoints.delete,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A request the double understands; `name` is `METHOD /path/{ref}`."""

    name: str
    pattern: re.Pattern[str]
    accepts: Fields
    operation: Operation


def _route(name: str, accepts: Fields) -> Route:
    pattern = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", name))
    return Route(name=name, pattern=pattern, accepts=accepts, operation=_OPERATIONS[name])


ROUTES = tuple(_route(name, accepts) for name, accepts in ACCEPTED.items())


def match(*, method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    """The route of a request and the ids in its address; None when the double does not know it."""
    for route in ROUTES:
        found = route.pattern.fullmatch(f"{method} {path}")
        if found is not None:
            return route, found.groupdict()
    return None
