"""The one view behind `/v1/`: who asks, what for, once or again, and the answer as Stripe words it."""

import base64
import binascii
import hashlib
import json
import time
from urllib.parse import parse_qsl

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse

from sandbox import deliveries, settings, store, switches
from sandbox.connection import cut
from sandbox.events import API_VERSION
from sandbox.expansion import expand
from sandbox.models import KeptAnswer
from sandbox.parameters import read
from sandbox.refusals import Answer, CardRefused, Refusal
from sandbox.routes import Route, match
from sandbox.store import Body, Call
from sandbox.wire import MalformedKey, decode

LONGEST_KEY = 255


def answer(request: HttpRequest) -> HttpResponse:
    """Answers any request of the API."""
    call = Call(
        at=time.time(),
        request_ref="req_" + store.random_text(14),
        idempotency_key=request.headers.get("Idempotency-Key") if request.method != "GET" else None,
    )
    method, path = request.method or "GET", request.path
    found = match(method=method, path=path)
    switches.seen(found[0].name if found else f"{method} {path}")
    fault = switches.take_fault(method=method, path=path)
    if fault == "cut_before":
        return cut(request)
    headers: dict[str, str] = {}
    try:
        _authenticate(request)
        _check_version(request)
        _suffer(fault)
        answered, headers = _perform(call, request, found)
    except Refusal as refusal:
        answered = refusal.answer
    if fault == "timeout_after":
        return cut(request)
    response = JsonResponse(answered.body, status=answered.status, json_dumps_params={"indent": 2})
    response["Request-Id"] = str(call.request_ref)
    response["Stripe-Version"] = API_VERSION
    if call.idempotency_key:
        response["Idempotency-Key"] = call.idempotency_key
    for name, value in headers.items():
        response[name] = value
    return response


def _authenticate(request: HttpRequest) -> None:
    """Raises Refusal unless the request carries the key the double was started with."""
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            key = base64.b64decode(key).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            key = ""
    if not key:
        raise Refusal(
            "You did not provide an API key. You need to provide your API key in the Authorization header, "
            "using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
            status=401,
        )
    if key != settings.API_KEY:
        raise Refusal(f"Invalid API Key provided: {key[:8]}{'*' * 8}{key[-4:]}", status=401)


def _check_version(request: HttpRequest) -> None:
    """Raises Refusal for a version whose shapes the double does not speak."""
    wanted = request.headers.get("Stripe-Version", API_VERSION)
    if wanted != API_VERSION:
        raise Refusal(f"Invalid Stripe API version: {wanted}. The gateway double speaks {API_VERSION}.")


def _suffer(fault: switches.FaultKind | None) -> None:
    """Raises Refusal when this request is to be answered with an error."""
    if fault == "server_error":
        raise Refusal("An error occurred on our end (the test asked for it).", status=500, kind="api_error")
    if fault == "rate_limit":
        raise Refusal("Too many requests (the test asked for it).", status=429, code="rate_limit")


def _perform(
    call: Call, request: HttpRequest, found: tuple[Route, dict[str, str]] | None
) -> tuple[Answer, dict[str, str]]:
    """The answer and the headers that go with it. Raises Refusal for a request that never got to its work."""
    if found is None:
        raise Refusal(f"Unrecognized request URL ({request.method}: {request.path}).", status=404)
    route, refs = found
    raw = _parameters(request)
    given = read(raw, route.accepts)
    if request.method == "GET":
        return _run(call, route, refs, given), {}
    key = call.idempotency_key
    if key is not None and len(key) > LONGEST_KEY:
        raise Refusal(f"Idempotency keys can be up to {LONGEST_KEY} characters long.")
    fingerprint = hashlib.sha256(json.dumps(raw, sort_keys=True).encode()).hexdigest()
    with store.writing():
        kept = KeptAnswer.objects.filter(key=key).first() if key else None
        if kept is not None:
            _check_same(kept, endpoint=request.path, fingerprint=fingerprint)
            again = {"Idempotent-Replayed": "true", "Original-Request": kept.request_ref}
            return Answer(status=kept.status, body=kept.body), again
        answered = _attempt(call, route, refs, given)
        if key:
            KeptAnswer.objects.create(
                key=key,
                endpoint=request.path,
                fingerprint=fingerprint,
                request_ref=str(call.request_ref),
                status=answered.status,
                body=answered.body,
            )
    deliveries.worker.wake()
    return answered, {}


def _attempt(call: Call, route: Route, refs: dict[str, str], given: Body) -> Answer:
    """Runs the operation. A refusal undoes what it did; only a bank's no stays written."""
    try:
        with transaction.atomic():
            try:
                return _run(call, route, refs, given)
            except CardRefused as refusal:
                return refusal.answer
    except Refusal as refusal:
        return refusal.answer


def _run(call: Call, route: Route, refs: dict[str, str], given: Body) -> Answer:
    paths = given.pop("expand", [])
    return Answer(status=200, body=expand(route.operation(call, given, **refs), paths))


def _parameters(request: HttpRequest) -> Body:
    text = (
        request.META["QUERY_STRING"]
        if request.method in ("GET", "DELETE")
        else request.body.decode(errors="replace")
    )
    try:
        return decode(parse_qsl(text, keep_blank_values=True))
    except MalformedKey as malformed:
        raise Refusal(f"Invalid parameter name: {malformed}") from malformed


def _check_same(kept: KeptAnswer, *, endpoint: str, fingerprint: str) -> None:
    """Raises Refusal when the key was used for something else."""
    advice = f"Try using a key other than '{kept.key}' if you meant to execute a different request."
    if kept.endpoint != endpoint:
        raise Refusal(
            "Keys for idempotent requests can only be used for the same endpoint they were first used for "
            f"('{endpoint}' vs '{kept.endpoint}'). {advice}",
            kind="idempotency_error",
        )
    if kept.fingerprint != fingerprint:
        raise Refusal(
            "Keys for idempotent requests can only be used with the same parameters they were first used "
            f"with. {advice}",
            kind="idempotency_error",
        )
