"""The language of a page: the one its link asks for, else the person's own, else their browser's."""

from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import translation

IN_A_LINK: Final = "lang"


def speak_the_language_of(user: object, request: HttpRequest) -> None:
    """From here on, answer `request` in the language of `user`, if they have one that the network speaks."""
    speak(getattr(user, "language", ""), request)  # somebody who is not signed in has none


def speak(language: str, request: HttpRequest) -> bool:
    """From here on, answer `request` in `language`. False, and nothing changes, when the network does not speak it."""
    if language not in dict(settings.LANGUAGES):
        return False
    translation.activate(language)
    request.LANGUAGE_CODE = language
    return True


def remember(language: str, response: HttpResponseBase) -> None:
    """Keep `language` in the browser, as Django's own view for choosing one does."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        path=settings.LANGUAGE_COOKIE_PATH,
        domain=settings.LANGUAGE_COOKIE_DOMAIN,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )


class UserLanguageMiddleware:
    """On the network, `?lang=nl` speaks Dutch and has the browser remember it, so that a link can be shared. Who is
    signed in keeps the language of their account on the pages that follow; everybody else has their browser's, by
    LocaleMiddleware.

    Who has no session is not asked for one, so that visitors' pages stay the same for all of them; for that reason a
    site's pages know no such link.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        is_network = request.tenant is None  # type: ignore[attr-defined]  # set by SiteMiddleware
        asked = request.GET.get(IN_A_LINK, "") if is_network else ""
        if speak(asked, request):
            response = self.get_response(request)
            remember(asked, response)
            return response
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            speak_the_language_of(request.user, request)
        return self.get_response(request)
