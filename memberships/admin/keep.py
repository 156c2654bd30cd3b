"""Take back what is planned for the end of the period: a cancellation, or a change."""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts.models import User
from memberships.models import Membership, Payment, ScheduledChange
from memberships.operations.keep_plan import keep_plan
from products.admin.asking import ask, the_row
from products.admin.base import NOTHING, Admin
from products.date_display import day


class KeepForm(forms.Form):
    reason = forms.CharField(
        label=_("reason"),
        max_length=240,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("It stands in the timeline, with your name."),
    )


def page(model_admin: Admin[Any], request: HttpRequest, object_id: str) -> HttpResponse:
    membership: Membership = the_row(model_admin, request, object_id)
    back = redirect("admin:memberships_membership_change", membership.pk)
    change = planned(membership)
    if change is None:
        messages.info(request, _("Nothing is planned that could be taken back."))
        return back
    form = KeepForm(request.POST or None)
    if form.is_valid() and _kept(membership, form, request):
        return back
    leaving = change.kind == ScheduledChange.CANCELLATION
    title = _("Take back the cancellation") if leaving else _("Take back the planned change")
    becomes = ", ".join(str(item) for item in change.items.all())
    return ask(
        model_admin, request, membership, form=form, title=title, button=title,
        facts=[
            (_("membership"), membership),
            (_("planned for"), day(change.effective_at)),
            (_("by"), change.actor or NOTHING),
            (_("reason"), change.reason or NOTHING) if leaving else (_("becomes"), becomes),
        ],
    )  # fmt: skip


def planned(membership: Membership) -> ScheduledChange | None:
    """What waits for the end of the period."""
    pending = membership.scheduled_changes.filter(state=ScheduledChange.State.PENDING)
    return pending.select_related("actor").prefetch_related("items__product").first()


def _kept(membership: Membership, form: KeepForm, request: HttpRequest) -> bool:
    """Keep the plan; False when that cannot be now, which is then on the form."""
    if membership.payments.filter(state=Payment.State.OPEN).exists():
        sentence = _("A bill or a change is waiting for its money. Let it be paid or stopped first.")
        form.add_error(None, sentence)
        return False
    actor, reason = cast("User", request.user), form.cleaned_data["reason"]
    if keep_plan(membership=membership, actor=actor, reason=reason, now=timezone.now()):
        messages.success(request, _("It is taken back: nothing changes when the period ends."))
    else:
        messages.info(request, _("Nothing is planned that could be taken back."))
    return True
