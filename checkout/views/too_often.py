"""The page for who asks too often."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from checkout.operations.rate_limit import TooOften

View = Callable[..., HttpResponse]


def not_too_often(view: View) -> View:
    """`view`, answering 429 to somebody who has asked it as often as one may."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except TooOften as limit:
            response = render(request, "429.html", status=429)
            response["Retry-After"] = str(limit.seconds)
            return response

    return answer
