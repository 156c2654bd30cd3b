"""Which function handles which kind of event. Two handlers for one kind fail when the module is imported."""

from collections.abc import Callable
from datetime import datetime

from memberships.models import InboundEvent

Handler = Callable[[InboundEvent, datetime], str]
"""Takes the stored event and the time; answers what it did, in a few words, or "" when the event concerns
nothing of ours."""

_handlers: dict[str, Handler] = {}


def on(*kinds: str) -> Callable[[Handler], Handler]:
    """Register the decorated function for events of `kinds`."""

    def register(handler: Handler) -> Handler:
        for kind in kinds:
            if kind in _handlers:
                raise RuntimeError(
                    f"Two handlers for {kind}: {_handlers[kind].__qualname__}, {handler.__qualname__}."
                )
            _handlers[kind] = handler
        return handler

    return register


def kinds() -> frozenset[str]:
    """The kinds of event that something is done for."""
    return frozenset(_handlers)


def handler_of(kind: str) -> Handler | None:
    return _handlers.get(kind)
