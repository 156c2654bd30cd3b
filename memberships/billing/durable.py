"""Transactions that must be committed before the gateway is called, except in a rehearsal, where nothing ever is."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import transaction

from memberships.billing.gateway import CardGateway

stand_in: ContextVar[CardGateway | None] = ContextVar(
    "stand_in", default=None
)  # plays the gateway in a rehearsal


@contextmanager
def durably() -> Iterator[None]:
    """A transaction that is committed when the block ends: inside another one it raises RuntimeError. In a rehearsal
    it is a part of the rehearsal's own transaction, which is rolled back."""
    with transaction.atomic(durable=stand_in.get() is None):
        yield
