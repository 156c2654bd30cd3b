"""The page for who asks too often."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from checkout.operations.quote_limit import TooManyQuotes

View = Callable[..., HttpResponse]


def makes_quotes(view: View) -> View:
    """`view`, answering 429 to somebody who has made as many quotes as one may."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except TooManyQuotes as limit:
            response = render(request, "429.html", status=429)
            response["Retry-After"] = str(limit.seconds)
            return response

    return answer
