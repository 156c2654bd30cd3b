"""The API described by itself, as OpenAPI 3.1."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from checkout.api.authentication import Bearer
from checkout.api.problems import ProblemDetails
from checkout.api.shapes import Shape

WITH_A_BODY = (HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNPROCESSABLE_ENTITY)
MEANINGS = {
    HTTPStatus.OK: "As asked.",
    HTTPStatus.CREATED: "Made.",
    HTTPStatus.BAD_REQUEST: "The body is not JSON.",
    HTTPStatus.UNAUTHORIZED: "No token, or one that is unknown, revoked or expired.",
    HTTPStatus.FORBIDDEN: "The token may not do this.",
    HTTPStatus.NOT_FOUND: "It does not exist, or it is somebody else's.",
    HTTPStatus.CONFLICT: "Something has changed, or stands in the way; `code` says what.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body is too large.",
    HTTPStatus.UNPROCESSABLE_ENTITY: "What was sent breaks a rule; `errors` says which, and where.",
    HTTPStatus.TOO_MANY_REQUESTS: "Too often; wait for as long as `Retry-After` says.",
    HTTPStatus.BAD_GATEWAY: "The payment gateway did not accept what we sent; we have to look at it.",
    HTTPStatus.SERVICE_UNAVAILABLE: "The payment gateway did not answer; send the same again.",
}
HEADERS = {
    HTTPStatus.CREATED: ("Location", "string", "Where it is."),
    HTTPStatus.UNAUTHORIZED: ("WWW-Authenticate", "string", "What to send."),
    HTTPStatus.TOO_MANY_REQUESTS: ("Retry-After", "integer", "Seconds to wait."),
    HTTPStatus.SERVICE_UNAVAILABLE: ("Retry-After", "integer", "Seconds to wait."),
}


def answers(
    done: Mapping[int, type[Shape]],
    *problems: HTTPStatus,
    conflict: type[ProblemDetails] | None = None,
) -> dict[int, type[Shape] | type[ProblemDetails]]:
    """For an operation's `response`: its answers when it is `done`, and the problems it may have."""
    may_be = dict.fromkeys([HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, *problems], ProblemDetails)
    if conflict:
        may_be[HTTPStatus.CONFLICT] = conflict
    return {**done, **dict(sorted(may_be.items()))}


class DescribedAPI(NinjaAPI):
    """An API whose description knows the scopes of tokens, and problems."""

    _description: OpenAPISchema | None = None

    def get_openapi_schema(self, **_: Any) -> OpenAPISchema:
        """Worked out once in a process: it takes a quarter of a second."""
        if self._description is None:
            self._description = _Description(self, self.get_root_path({}))
        return self._description


class _Description(OpenAPISchema):
    def operation_security(self, operation: Operation) -> list[dict[str, Any]] | None:
        """What ninja says, with the scope that the token needs."""
        found = super().operation_security(operation)
        scopes = [auth.scope.value for auth in operation.auth_callbacks if isinstance(auth, Bearer)]
        return found and [dict.fromkeys(scheme, scopes) for scheme in found]

    def responses(self, operation: Operation) -> dict[int, dict[str, Any]]:
        """What ninja says, with problems as what they are, and with the headers that are set."""
        found = super().responses(operation)
        for status, details in found.items():
            details["description"] = MEANINGS[HTTPStatus(status)]
            if status >= HTTPStatus.BAD_REQUEST:
                details["content"] = dict.fromkeys(["application/problem+json"], *details["content"].values())
            if status in HEADERS:
                name, kind, what = HEADERS[HTTPStatus(status)]
                details["headers"] = {name: {"description": what, "schema": {"type": kind}}}
        return found
