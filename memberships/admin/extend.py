"""Let what a customer paid for, or their trial, run longer."""

import uuid
from datetime import timedelta
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminTextInputWidget

from accounts.models import User
from memberships.models import Membership
from memberships.operations.extend import MOST_DAYS, NothingToExtend, ends_at, extend
from memberships.operations.lifecycle import PaymentUnderWay
from products.admin.asking import ask, the_row
from products.admin.base import Admin
from products.date_display import day


class ExtendForm(forms.Form):
    """`uid` makes a form sent twice count once."""

    days = forms.IntegerField(
        label=_("days"),
        min_value=1,
        max_value=MOST_DAYS,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=_("That much later it ends, and the next bill comes. Nothing is billed for them."),
    )
    reason = forms.CharField(
        label=_("reason"),
        max_length=240,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("It stands in the timeline, with your name. The customer is told the new date by mail."),
    )
    uid = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)


def page(model_admin: Admin[Any], request: HttpRequest, object_id: str) -> HttpResponse:
    membership: Membership = the_row(model_admin, request, object_id)
    back = redirect("admin:memberships_membership_change", membership.pk)
    ends = ends_at(membership)
    if ends is None:
        messages.info(request, _("There is no end that could be moved: it is free, or not running."))
        return back
    form = ExtendForm(request.POST or None)
    if form.is_valid() and _extended(membership, form, request):
        return back
    is_trial = membership.state == Membership.State.TRIALING
    return ask(
        model_admin, request, membership, form=form, title=_("Give more time"), button=_("Extend"),
        facts=[
            (_("membership"), membership),
            (_("trial ends") if is_trial else _("paid until"), day(ends)),
            (_("with 30 days more"), day(ends + timedelta(days=30))),
        ],
        warning=_(
            "A change planned for the old end moves along. What was paid then counts for the longer time: "
            "an upgrade in it gives credit for the share that is left."
        ),
    )  # fmt: skip


def _extended(membership: Membership, form: ExtendForm, request: HttpRequest) -> bool:
    """Extend as the form says; False when that cannot be, which is then on the form."""
    typed = form.cleaned_data
    try:
        extension = extend(
            membership=membership,
            days=typed["days"],
            reason=typed["reason"],
            actor=cast("User", request.user),
            uid=typed["uid"],
            now=timezone.now(),
        )
    except PaymentUnderWay:
        sentence = _("A bill or a change is waiting for its money. Let it be paid or stopped first.")
        form.add_error(None, sentence)
        return False
    except NothingToExtend:
        messages.info(request, _("There is no end that could be moved: it is free, or not running."))
        return True
    messages.success(request, _("It runs until %(date)s now.") % {"date": day(extension.ends_at)})
    return True
