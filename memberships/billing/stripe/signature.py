"""Is this webhook really from Stripe, and what does it say?"""

import json
from dataclasses import dataclass

import stripe

TOLERANCE_SECONDS = 300


class NotFromStripe(Exception):
    """The body is unsigned, wrongly signed, too old, or not an event."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedEvent:
    """`payload` is the JSON text that was signed."""

    id: str
    kind: str
    object_id: str
    payload: str


def read_event(body: bytes, signature: str, secret: str) -> SignedEvent:
    """Verify the signature on the raw body, then read the event. Raises NotFromStripe, saying why."""
    if not secret:
        raise NotFromStripe("No webhook secret is configured, so nothing can be verified.")
    try:
        text = body.decode("utf-8")
        stripe.WebhookSignature.verify_header(text, signature, secret, TOLERANCE_SECONDS)
        event = json.loads(text)
        return SignedEvent(
            id=_text(event["id"], 120),
            kind=_text(event["type"], 80),
            object_id=_text(event["data"]["object"].get("id", ""), 120),
            payload=text,
        )
    except stripe.SignatureVerificationError as error:
        raise NotFromStripe(str(error.user_message or error)) from error
    except (
        UnicodeDecodeError,
        json.JSONDecodeError,
        KeyError,
        TypeError,
        AttributeError,
        ValueError,
        RecursionError,
    ) as error:
        raise NotFromStripe("The body is not a Stripe event.") from error


def _text(value: object, most: int) -> str:
    if not isinstance(value, str) or len(value) > most or not value.isprintable():
        raise ValueError(f"{value!r} is not a printable text of at most {most} characters.")
    return value
