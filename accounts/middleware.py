"""The language of a page."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import translation


def speak_the_language_of(user: object, request: HttpRequest) -> None:
    """From here on, answer `request` in the language of `user`, if they have one that the network speaks."""
    language = getattr(user, "language", "")  # somebody who is not signed in has none
    if language in dict(settings.LANGUAGES):
        translation.activate(language)
        request.LANGUAGE_CODE = language


class UserLanguageMiddleware:
    """Speaks the signed-in user's own language; everybody else has their browser's, by LocaleMiddleware.

    Who has no session is not asked for one, so that visitors' pages stay the same for all of them.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            speak_the_language_of(request.user, request)
        return self.get_response(request)
