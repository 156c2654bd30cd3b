"""What the API answers when it does not do what was asked: problem details (RFC 9457), one shape for everything."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.core.signals import got_request_exception
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import HttpError
from ninja.errors import ValidationError as Unreadable
from pydantic import BaseModel, ConfigDict, Field

SECONDS_TO_RETRY = 5  # after the gateway did not answer
CODES = {
    "missing": "missing_key",
    "extra_forbidden": "unknown_key",
    "greater_than_equal": "out_of_range",
    "less_than_equal": "out_of_range",
    "string_too_long": "out_of_range",
    "string_too_short": "out_of_range",
    "too_long": "out_of_range",
    "named_twice": "named_twice",
}


class Fault(BaseModel):
    """One thing that is wrong with what was sent."""

    path: str = Field(
        description="Where: a path into the body, or `query.` and a parameter's name. Empty for the body as a whole.",
        examples=["addons[0].quantity"],
    )
    code: str = Field(description="What is wrong, for programs.", examples=["out_of_range"])
    message: str = Field(description="What is wrong, for people.")


class ProblemDetails(BaseModel):
    """Why nothing was done, or not all of it."""

    model_config = ConfigDict(extra="allow")

    title: str = Field(description="The status in words.", examples=["Unprocessable Content"])
    status: int = Field(description="The status of the answer.", examples=[422])
    code: str = Field(description="What happened, for programs.", examples=["bad_input"])
    detail: str = Field(description="What happened, for people, in their language.")
    errors: list[Fault] = Field(description="Each thing that is wrong with what was sent; may be empty.")


class Problem(Exception):
    """Ends a request with problem details. `more` are members of its own: names and JSON values."""

    def __init__(
        self,
        status: HTTPStatus,
        code: str,
        detail: str,
        *,
        errors: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = errors
        self.headers = headers or {}
        self.more = more or {}

    def answer(self) -> HttpResponse:
        details = ProblemDetails(
            title=self.status.phrase,
            status=self.status,
            code=self.code,
            detail=self.detail,
            errors=list(self.errors),
        )
        return JsonResponse(
            {**details.model_dump(), **self.more},
            status=self.status,
            content_type="application/problem+json",
            headers=dict(self.headers),
        )


def not_found(*, path: str = "") -> Problem:
    """What does not exist, and what is somebody else's: the two are not told apart. `path` names it in the body."""
    message = _("There is nothing with this identifier that is yours.")
    errors = [Fault(path=path, code="not_found", message=message)] if path else []
    return Problem(HTTPStatus.NOT_FOUND, "not_found", message, errors=errors)


def bad_input(*errors: Fault) -> Problem:
    return Problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "bad_input",
        " ".join(error.message for error in errors),
        errors=errors,
    )


def faults_of(refused: ValidationError, **paths: str) -> list[Fault]:
    """What an operation refused, at the keys of the body; `paths` are those that have another name there."""
    return [
        Fault(path=paths.get(field, field), code="refused", message=message)
        for field, sentences in cast("Any", refused).message_dict.items()
        for message in sentences
    ]


def unauthenticated(code: str = "no_token") -> Problem:
    """Nobody is known to ask; `WWW-Authenticate` says what to send (RFC 6750)."""
    wanted = "Bearer" if code == "no_token" else 'Bearer error="invalid_token"'
    detail = {
        "no_token": _("Send a token: Authorization: Bearer, a space, the token."),
        "invalid_token": _("This token is unknown, revoked or expired."),
    }[code]
    return Problem(HTTPStatus.UNAUTHORIZED, code, detail, headers={"WWW-Authenticate": wanted})


def too_many_requests(*, seconds: int) -> Problem:
    return Problem(
        HTTPStatus.TOO_MANY_REQUESTS,
        "too_many_requests",
        _("That is very often. Wait a little and try again."),
        headers={"Retry-After": str(seconds)},
    )


def answer_with_problems(api: NinjaAPI) -> None:
    """Make every refusal and every failure of `api` a problem."""
    for kind in (Problem, Http404, HttpError, Unreadable, Exception):
        api.add_exception_handler(kind, answer_to)


def answer_to(request: HttpRequest, error: Any) -> HttpResponse:
    """The answer to a request that ended in `error`. What nobody foresaw is reported as Django would."""
    match error:
        case Problem():
            return error.answer()
        case Http404():
            return not_found().answer()
        case Unreadable():
            return _invalid(error.errors).answer()
        case HttpError(status_code=HTTPStatus.UNAUTHORIZED):
            return unauthenticated().answer()
        case HttpError():
            return Problem(HTTPStatus.BAD_REQUEST, "not_json", _("The body is not JSON.")).answer()
    got_request_exception.send(sender=None, request=request)
    detail = _("Something broke on our side. We have been told; please try again later.")
    return Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "broken", detail).answer()


def _invalid(errors: Sequence[Mapping[str, Any]]) -> Problem:
    """What the schemas found. An identifier in the address that cannot be one is nobody's."""
    if any(error["loc"][0] == "path" for error in errors):
        return not_found()
    return bad_input(*(_fault(error) for error in errors))


def _fault(error: Mapping[str, Any]) -> Fault:
    code = CODES.get(error["type"]) or ("wrong_type" if error["type"].endswith("_type") else "bad_value")
    message = {"missing_key": _("This key is missing."), "unknown_key": _("There is no such key here.")}
    return Fault(path=_path(error["loc"]), code=code, message=message.get(code) or error["msg"])


def _path(loc: Sequence[str | int]) -> str:
    """`("body", "wanted", "addons", 0, "id")` is `addons[0].id`; `("query", "plan")` is `query.plan`."""
    source, *names = loc
    path = "query" if source == "query" else ""
    for name in names if path else names[1:]:
        path += f"[{name}]" if isinstance(name, int) else f".{name}"
    return path.removeprefix(".")
