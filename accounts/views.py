"""What people set about themselves."""

from typing import Any, cast

from allauth.account.internal.flows.email_verification import send_verification_email_to_address
from allauth.account.internal.flows.manage_email import sync_user_email_address
from allauth.account.models import EmailAddress
from allauth.account.views import EmailView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from accounts.confirmation import is_confirmed
from accounts.models import User


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Keep the language in this browser and, for somebody signed in, with their account, so that mails follow."""
    language = request.POST.get("language", "")
    if request.user.is_authenticated and language in dict(settings.LANGUAGES):
        User.objects.filter(pk=request.user.pk).update(language=language)
    return set_language(request)


class EmailPage(EmailView):  # type: ignore[misc]  # allauth ships no types
    """allauth's page of one's address, which lets none become the primary one that is not confirmed."""

    def _action_primary(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse | None:
        address = self._get_email_address(request)
        if address is None or not address.verified:
            return None
        response: HttpResponse | None = super()._action_primary(request, *args, **kwargs)
        return response


email_page = login_required(EmailPage.as_view())


@login_required
@require_POST
def confirm_again(request: HttpRequest) -> HttpResponse:
    """Send the mail once more that asks to confirm one's address; allauth lets three minutes lie between two."""
    user = cast("User", request.user)
    if is_confirmed(user):
        messages.info(request, _("Your e-mail address is confirmed already."))
    elif not send_verification_email_to_address(request, _own_address(user)):
        messages.info(request, _("The mail is on its way. Look into the folder for unwanted mail, too."))
    wanted = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return redirect(wanted if is_ours else settings.LOGIN_REDIRECT_URL)


def _own_address(user: User) -> EmailAddress:
    """The row of the address that is theirs today, whichever they want to have instead."""
    sync_user_email_address(user)
    return EmailAddress.objects.get_for_user(user, user.email)
