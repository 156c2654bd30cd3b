"""Answers that belong to no app: is it alive, is it ready, and a form whose token has run out."""

from typing import Any

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from redis.exceptions import RedisError

from sites.metering import counter


def healthz(_request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


def readyz(_request: HttpRequest) -> JsonResponse:
    """The process can do its work: 200 with each part "ok", or 503 naming the part that is not."""
    parts = {"database": "ok", "broker": "ok"}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        parts["database"] = type(error).__name__
    try:
        counter.client().ping()
    except RedisError as error:
        parts["broker"] = type(error).__name__
    ready = all(state == "ok" for state in parts.values())
    return JsonResponse(parts, status=200 if ready else 503)


def csrf_failure(request: HttpRequest, reason: str = "", **_: Any) -> HttpResponse:
    """The form's token has run out or never was ours: say so, with a way back."""
    return render(request, "403_csrf.html", {"reason": reason}, status=403)
