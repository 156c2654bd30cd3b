"""A person's own tokens: see them, make one, revoke one."""

from typing import cast
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from accounts.tokens.forms import TokenForm
from accounts.tokens.models import ApiToken, Scope
from accounts.tokens.operations import NewToken, TokenMadeBefore, TooManyTokens, make_token, revoke_token


@never_cache
@login_required
@reauthentication_required(allow_get=True)  # type: ignore[untyped-decorator]  # allauth ships no types
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """The tokens of whoever is signed in. POST makes one, for who has just proved who they are; the answer shows its
    secret, which is kept nowhere."""
    form = TokenForm(request.POST or None, user=_user(request))
    if not form.is_valid():
        return _page(request, form=form, status=422 if form.is_bound else 200)
    try:
        return _page(request, made=_make(request, form))
    except TokenMadeBefore:
        messages.info(
            request, _("This token has been made already. It was shown once and cannot be shown again.")
        )
        return redirect("tokens:page")
    except TooManyTokens:
        form.add_error(None, _("You have very many tokens. Revoke one that you do not use any more."))
        return _page(request, form=form, status=422)


@login_required
@require_POST
def revoke(request: HttpRequest, uid: UUID) -> HttpResponse:
    token = get_object_or_404(ApiToken.objects.owned_by(_user(request)), uid=uid)
    revoke_token(token=token, now=timezone.now())
    messages.success(request, _("“%(name)s” was revoked and opens nothing any more.") % {"name": token.name})
    return redirect("tokens:page")


def _make(request: HttpRequest, form: TokenForm) -> NewToken:
    now = timezone.now()
    return make_token(
        user=_user(request),
        uid=form.cleaned_data["uid"],
        name=form.cleaned_data["name"],
        scopes=[Scope(scope) for scope in form.cleaned_data["scopes"]],
        expires_at=form.expires_at(now=now),
        now=now,
    )


def _page(
    request: HttpRequest, *, form: TokenForm | None = None, made: NewToken | None = None, status: int = 200
) -> HttpResponse:
    tokens = ApiToken.objects.owned_by(_user(request)).usable(at=timezone.now())
    return render(request, "pages/tokens.html", {"form": form, "made": made, "tokens": tokens}, status=status)


def _user(request: HttpRequest) -> User:
    return cast("User", request.user)
