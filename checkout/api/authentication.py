"""Who asks, by their token. Cookies never count here, so no page of somebody else's can ask in one's name."""

from http import HTTPStatus
from typing import Any, cast

import structlog
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja.security import HttpBearer

from accounts.middleware import speak_the_language_of
from accounts.models import User
from accounts.tokens.models import ApiToken, Scope
from accounts.tokens.operations import token_of
from checkout.api.problems import Problem, unauthenticated


class Bearer(HttpBearer):
    """Lets in whoever sends a usable token that may do `scope`, and answers in their language."""

    openapi_description = "A token from the page *API tokens* of your account."

    def __init__(self, scope: Scope) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken:
        """Raises Problem: 401 for a token that opens nothing, 403 for one that may not do this."""
        found = token_of(secret=token.strip(), now=timezone.now())
        if found is None:
            raise unauthenticated("invalid_token")
        structlog.contextvars.bind_contextvars(api_token=str(found.uid), user_id=found.user_id)
        speak_the_language_of(found.user, request)
        if not found.allows(self.scope):
            raise _may_not(self.scope)
        return found


def caller(request: HttpRequest) -> User:
    """Whose token it is, for operations behind `Bearer`."""
    return cast("ApiToken", cast("Any", request).auth).user


def _may_not(scope: Scope) -> Problem:
    return Problem(
        HTTPStatus.FORBIDDEN,
        "missing_scope",
        _("This token may not do that. It needs: %(scope)s") % {"scope": scope.value},
        headers={"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{scope.value}"'},
        more={"scope": scope.value},
    )
