"""News that memberships send up the chain, after commit. Every reaction also has a sweep, since a process can
die in between."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any

from django.db import transaction
from django.dispatch import Signal

payment_settled = (
    Signal()
)  # payment_id: int, now: datetime -- the gateway says paid, or that it never will be
payment_refused = (
    Signal()
)  # payment_id: int, now: datetime -- a try brought no money: it failed, or the bank asks for the customer
entitlements_changed = (
    Signal()
)  # membership_id: int, now: datetime -- items or state changed: sites must follow
notice_written = Signal()  # notice_id: int -- a mail is waiting to be sent
notices_written = Signal()  # notice_ids: list[int] -- many are
price_campaign_settled = Signal()  # campaign_id: int -- its members are to be told
letter_asked = (
    Signal()
)  # notice: Notice -- a mail is being written: whoever knows more answers words for its templates

_kept: ContextVar[list[partial[Any]] | None] = ContextVar("news_kept", default=None)


def tell(signal: Signal, sender: Any, **news: Any) -> None:
    """Send `signal` once the running transaction is committed."""
    message, kept = partial(signal.send_robust, sender, **news), _kept.get()
    if kept is None:
        transaction.on_commit(message)
    else:
        kept.append(message)


@contextmanager
def news_kept() -> Iterator[list[partial[Any]]]:
    """Nothing that is told in here goes out by itself. Calling one of what is answered sends it, and answers what
    `send_robust` does."""
    kept: list[partial[Any]] = []
    token = _kept.set(kept)
    try:
        yield kept
    finally:
        _kept.reset(token)
