"""On the network: where the link in an invitation leads. The link is the proof that its mail was read."""

from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.models import User
from sites.models import SiteMember
from sites.operations import people


class AccountForm(forms.Form):
    """A new account: the address is the invited one."""

    name = forms.CharField(
        label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Ten characters or more."),
    )

    def __init__(self, data: Any = None, *, email: str) -> None:
        super().__init__(data)
        self.email = email

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        try:
            validate_password(
                cleaned.get("password", ""), User(email=self.email, name=cleaned.get("name", ""))
            )
        except ValidationError as weak:
            self.add_error("password", weak)
        return cleaned


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, token: str) -> HttpResponse:
    """GET says who invites whom to what; POST accepts, with the account that is signed in or a new one."""
    member = people.invitation_behind(token=token, now=timezone.now())
    response = _gone(request) if member is None else _answer(request, member)
    response["Referrer-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _answer(request: HttpRequest, member: SiteMember) -> HttpResponse:
    has_account = User.objects.filter(email=member.email).exists()
    is_reader = request.user.is_authenticated and request.user.email == member.email
    form = None
    if not has_account and not request.user.is_authenticated:
        form = AccountForm(request.POST if request.method == "POST" else None, email=member.email)
    try:
        if request.method == "POST" and is_reader:
            people.accept(member=member, user=cast("User", request.user), now=timezone.now())
            return redirect("sites:enter", uid=member.site.uid)
        if form is not None and form.is_valid():
            return _with_a_new_account(request, member, form)
    except people.InvitationGone:
        return _gone(request)
    context = {
        "member": member,
        "site": member.site,
        "inviter": member.site.membership.customer.user,
        "form": form,
        "is_reader": is_reader,
        "has_account": has_account,
    }
    wrong = form is not None and form.is_bound
    return render(request, "sites/invitation.html", context, status=422 if wrong else 200)


def _with_a_new_account(request: HttpRequest, member: SiteMember, form: AccountForm) -> HttpResponse:
    user = people.open_account(
        member=member,
        name=form.cleaned_data["name"],
        password=form.cleaned_data["password"],
        language=get_language() or settings.LANGUAGE_CODE,
        now=timezone.now(),
    )
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return redirect("sites:enter", uid=member.site.uid)


def _gone(request: HttpRequest) -> HttpResponse:
    return render(request, "sites/invitation.html", {"member": None}, status=404)
