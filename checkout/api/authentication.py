"""Who asks, by their token. Cookies never count here, so no page of somebody else's can ask in one's name."""

from http import HTTPStatus
from typing import Any, TypeVar, cast

import structlog
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja.security import HttpBearer

from accounts.middleware import speak_the_language_of
from accounts.models import User
from accounts.staff.second_factor import works_here
from accounts.tokens.models import ApiToken, Scope
from accounts.tokens.operations import token_of
from checkout.api.problems import Problem, unauthenticated

Owned = TypeVar("Owned", bound="QuerySet[Any]")


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


def visible(rows: Owned, request: HttpRequest) -> Owned:
    """Of `rows` what the token may show: what its user pays for; everybody's, when it was made for that by a member of
    the network's staff who may see such rows in the network admin too."""
    token = cast("ApiToken", cast("Any", request).auth)
    name = f"{rows.model._meta.app_label}.view_{rows.model._meta.model_name}"  # noqa: SLF001 -- Django's public API
    if token.allows(Scope.NETWORK_READ) and works_here(token.user) and token.user.has_perm(name):
        return rows
    return cast("Owned", cast("Any", rows).owned_by(token.user))


def _may_not(scope: Scope) -> Problem:
    return Problem(
        HTTPStatus.FORBIDDEN,
        "missing_scope",
        _("This token may not do that. It needs: %(scope)s") % {"scope": scope.value},
        headers={"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{scope.value}"'},
        more={"scope": scope.value},
    )
