"""Transactions that must be committed before the gateway is called, except in a rehearsal, where nothing ever is."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import transaction

from memberships.billing.gateway import CardGateway

rehearsal: ContextVar[CardGateway | None] = ContextVar(
    "rehearsal", default=None
)  # who plays the gateway in it


@contextmanager
def durably() -> Iterator[None]:
    """A transaction that is committed when the block ends: inside another one it raises RuntimeError. In a rehearsal
    it is a part of the rehearsal's own transaction, which is rolled back."""
    with transaction.atomic(durable=rehearsal.get() is None):
        yield
