"""Let a membership use more than its plan and packages allow, with a reason, for a while or until further notice."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminDateWidget, UnfoldAdminTextInputWidget

from accounts.models import User
from memberships.models import Membership
from memberships.operations.overrides import given_beside, override_limits
from products.admin.asking import ask, the_row
from products.admin.base import Admin
from products.forms import limit_field, limit_name, shown_limit
from products.limits import Kind, Limits


class OverrideForm(forms.Form):
    """A field for each kind, in which stands what is given today."""

    def __init__(self, data: Any = None, *, given: Limits, today: datetime) -> None:
        super().__init__(data)
        self.given = given
        self.today = today
        for kind in Kind:
            field = self.fields[limit_name(kind)] = limit_field(kind, adds=True)
            self.initial[limit_name(kind)] = shown_limit(field, given[kind])
        self.fields["ends_on"] = forms.DateField(
            label=_("last day"),
            required=False,
            widget=UnfoldAdminDateWidget,
            help_text=_("Of what is changed here. Empty: until somebody ends it."),
        )
        self.fields["reason"] = forms.CharField(
            label=_("reason"),
            max_length=240,
            widget=UnfoldAdminTextInputWidget,
            help_text=_("It stands in the timeline, with your name."),
        )

    @property
    def changed(self) -> Mapping[Kind, int | None]:
        """Of a form whose fields are valid: the new amount of each kind that is to be another."""
        typed = {kind: self.cleaned_data.get(limit_name(kind), self.given[kind]) for kind in Kind}
        amounts = {
            kind: (None if amount else 0) if kind.is_switch else amount for kind, amount in typed.items()
        }
        return {kind: amount for kind, amount in amounts.items() if amount != self.given[kind]}

    @property
    def ends_at(self) -> datetime | None:
        """The midnight after the last day."""
        last_day = self.cleaned_data["ends_on"]
        if last_day is None:
            return None
        return datetime.combine(last_day + timedelta(days=1), time.min, tzinfo=self.today.tzinfo)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        last_day = cleaned.get("ends_on")
        if last_day and last_day < self.today.date():
            self.add_error("ends_on", _("This day is over. Choose today or a later day."))
        if not self.errors and not self.changed:
            raise forms.ValidationError(_("Nothing was changed. Change a limit, or go back."))
        return cleaned


def page(model_admin: Admin[Any], request: HttpRequest, object_id: str) -> HttpResponse:
    membership: Membership = the_row(model_admin, request, object_id)
    now = timezone.now()
    form = OverrideForm(request.POST or None, given=given_beside(membership), today=now)
    if form.is_valid():
        override_limits(
            membership=membership,
            amounts=form.changed,
            reason=form.cleaned_data["reason"],
            ends_at=form.ends_at,
            actor=cast("User", request.user),
            now=now,
        )
        messages.success(request, _("The sites follow the new limits within moments."))
        return redirect("admin:memberships_membership_change", membership.pk)
    return ask(
        model_admin, request, membership, form=form, title=_("Limit overrides"), button=_("Save"),
        facts=[(_("membership"), membership)],
        warning=_("What you give comes on top of the plan and the packages, whatever the customer changes to.")
        if membership.state not in Membership.ENDED
        else _("This membership has ended. What you give counts when it comes back."),
    )  # fmt: skip
