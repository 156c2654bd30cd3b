"""Stripe's errors: what a refused request is answered with."""

from dataclasses import dataclass
from typing import Any

DOCS = "https://stripe.com/docs/error-codes/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What goes back over the wire."""

    status: int
    body: dict[str, Any]


class Refusal(Exception):
    """A request that is refused; whatever it did so far is undone."""

    def __init__(
        self, message: str, *, status: int = 400, kind: str = "invalid_request_error", **details: Any
    ) -> None:
        super().__init__(message)
        error = {"message": message, "type": kind, **{key: value for key, value in details.items() if value}}
        if "code" in error:
            error["doc_url"] = DOCS + error["code"].replace("_", "-")
        self.answer = Answer(status=status, body={"error": error})


class CardRefused(Refusal):
    """The bank said no. What was written about the attempt stays written."""

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message, status=402, kind="card_error", **details)


class NoSuchResource(Refusal):
    """An id that names nothing: 404 when it stands in the address, 400 when it stands in a parameter."""

    def __init__(self, *, kind: str, ref: str, param: str | None = None) -> None:
        super().__init__(
            f"No such {kind}: '{ref}'",
            status=404 if param is None else 400,
            code="resource_missing",
            param=param or "id",
        )
