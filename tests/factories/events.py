"""Webhooks as Stripe sends them: a body and its signature."""

import hashlib
import hmac
import json
import time
from typing import Any


def body_of(*, event_id: str, kind: str, object_id: str) -> bytes:
    event: dict[str, Any] = {
        "id": event_id, "object": "event", "type": kind, "data": {"object": {"id": object_id, "object": "thing"}},
    }  # fmt: skip
    return json.dumps(event).encode()


def signature_of(body: bytes, secret: str, *, at: float | None = None) -> str:
    """The `Stripe-Signature` header of `body`, signed at the Unix time `at` (now, if None)."""
    moment = int(time.time() if at is None else at)
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"
