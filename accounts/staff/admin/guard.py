"""What holds on every page of the network admin: the second factor, and the record of what is changed."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.staff.second_factor import lacks_second_factor
from accounts.staff.watching import recorded

LOOKING = frozenset({"GET", "HEAD", "OPTIONS"})
LONGEST = 120


def for_staff(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """`view` of the desk: who lacks the second factor that the network asks for is led to where one sets it up, and
    what is written meanwhile is recorded. Whether they may open it at all is for the view to say."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        user = request.user
        if lacks_second_factor(user):
            messages.warning(request, _("The network admin asks for a second factor. Set it up, then go on."))
            return redirect("mfa_activate_totp")
        if request.method in LOOKING or not user.is_authenticated or not user.is_staff:
            return view(request, *args, **kwargs)
        page = request.resolver_match.url_name if request.resolver_match else None
        chosen = request.POST.get("action", "")[:LONGEST]
        with recorded(actor=user, page=page or "index", chosen=chosen, now=timezone.now()):
            return view(request, *args, **kwargs)

    return guarded
