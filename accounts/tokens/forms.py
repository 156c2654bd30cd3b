"""What a person chooses for a new token."""

import uuid
from datetime import datetime, timedelta
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.tokens.models import Scope

NEVER = "never"
LIFETIMES = [("30", _("in 30 days")), ("90", _("in 90 days")), ("365", _("in a year")), (NEVER, _("never"))]


class TokenForm(forms.Form):
    """`uid` is chosen with the empty form, so that a form sent twice makes one token."""

    uid = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    name = forms.CharField(
        label=_("Name"),
        max_length=60,
        help_text=_("For you, to tell your tokens apart: what uses it, and where."),
    )
    scopes = forms.MultipleChoiceField(
        label=_("It may"),
        choices=Scope.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one thing that it may do.")},
    )
    lifetime = forms.ChoiceField(label=_("It expires"), choices=LIFETIMES, initial="365")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [scope for scope in Scope if user.is_staff or scope != Scope.NETWORK_READ]
        choices = [(scope.value, scope.label) for scope in offered]
        cast("forms.MultipleChoiceField", self.fields["scopes"]).choices = choices

    def expires_at(self, *, now: datetime) -> datetime | None:
        """When the token is to expire; None for never. For a valid form."""
        days = self.cleaned_data["lifetime"]
        return None if days == NEVER else now + timedelta(days=int(days))
