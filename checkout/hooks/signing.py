"""Signatures of Standard Webhooks: HMAC-SHA256 over identifier, time and body. Pure but for the making of secrets."""

import base64
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Final

MARK: Final = "whsec_"
SECRET_BYTES: Final = 32  # the specification allows 24 to 64


def new_secret() -> str:
    """As endpoints keep it: `whsec_` and 32 random bytes in base64."""
    return MARK + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def headers_of(*, message_id: str, body: bytes, keys: Iterable[str], at: datetime) -> dict[str, str]:
    """What goes with `body`, sent at `at`: one signature for each of `keys`, so that a secret can be changed without a
    message being refused."""
    moment = str(int(at.timestamp()))
    signed = f"{message_id}.{moment}.".encode() + body
    return {
        "webhook-id": message_id,
        "webhook-timestamp": moment,
        "webhook-signature": " ".join(_signature(signed, secret) for secret in keys),
    }


def _signature(signed: bytes, secret: str) -> str:
    key = base64.b64decode(secret.removeprefix(MARK))
    return "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
