"""What somebody fills in to have an account."""

from typing import Any

from allauth.account.forms import AddEmailForm, SignupForm
from allauth.account.internal.flows.email_verification import send_verification_email_to_address
from allauth.account.models import EmailAddress
from django import forms
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class AccountForm(SignupForm):  # type: ignore[misc]  # allauth ships no types
    """A new account. An address that has one passes: the view tells its owner by mail, and nobody else."""

    name = forms.CharField(
        label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    field_order = ("name", "email", "password1")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("E-mail address")

    def validate_unique_email(self, value: str) -> str:
        proven = EmailAddress.objects.filter(email=value, verified=True)
        self.account_already_exists = User.objects.filter(email=value).exists() or proven.exists()
        return value


class ChangeEmailForm(AddEmailForm):  # type: ignore[misc]  # allauth ships no types
    """Another address, which takes the place of the account's own once it is confirmed.

    The library's form gives up the newest unconfirmed address for it. That may be the account's own, and the
    account would be left with none.
    """

    def save(self, request: HttpRequest) -> EmailAddress:
        with transaction.atomic():
            unconfirmed = EmailAddress.objects.filter(user=self.user, verified=False)
            unconfirmed.exclude(email=self.user.email).delete()
            address = EmailAddress.objects.create(user=self.user, email=self.cleaned_data["email"])
        send_verification_email_to_address(request, address)
        return address
