"""End a membership on the customer's behalf: at the end of what was paid, or at once with or without the unused part
back."""

from datetime import datetime
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminRadioSelectWidget, UnfoldAdminTextInputWidget, UnfoldBooleanWidget

from accounts.models import User
from memberships.billing.gateway import GatewayRefused, GatewayUnavailable
from memberships.models import Membership
from memberships.models.membership import TransitionNotAllowed
from memberships.operations.lifecycle import PaymentUnderWay, cancel_at_period_end, cancel_now
from memberships.operations.unused import unused_credit
from memberships.policies.lifecycle import cancels_at
from products.admin.asking import ask, the_row
from products.admin.base import NOTHING, Admin
from products.date_display import day
from products.money_display import format_money
from products.pricing import Status

LATER, AT_ONCE = "later", "now"


class CancelForm(forms.Form):
    """`when` is offered only where there is something to use up first."""

    when = forms.ChoiceField(label=_("when"), widget=UnfoldAdminRadioSelectWidget)
    refund = forms.BooleanField(
        label=_("Give the unused part back"),
        required=False,
        widget=UnfoldBooleanWidget,
        help_text=_("To the card what was taken from it, the rest to the wallet. Only when it ends at once."),
    )
    reason = forms.CharField(
        label=_("reason"),
        max_length=240,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("It stands in the timeline."),
    )

    def __init__(self, data: Any = None, *, ends_at: datetime | None, may_refund: bool) -> None:
        super().__init__(data, initial={"when": LATER if ends_at else AT_ONCE})
        if not may_refund:
            del self.fields["refund"]
        at_once = (AT_ONCE, _("At once; what waits for money is closed first"))
        later = (
            (LATER, gettext("On %(date)s; it can be taken back until then") % {"date": day(ends_at)})
            if ends_at
            else None
        )
        cast("forms.ChoiceField", self.fields["when"]).choices = [later, at_once] if later else [at_once]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("refund") and cleaned.get("when") == LATER:
            self.add_error("refund", _("Nothing is unused when it ends with what was paid for."))
        return cleaned


def page(model_admin: Admin[Any], request: HttpRequest, object_id: str) -> HttpResponse:
    membership: Membership = the_row(model_admin, request, object_id)
    back = redirect("admin:memberships_membership_change", membership.pk)
    now = timezone.now()
    if membership.state in Membership.ENDED:
        messages.info(request, _("This membership has ended already."))
        return back
    ends_at = cancels_at(
        status=Status(membership.state), period_end=membership.period_end, trial_end=membership.trial_end
    )
    may_refund = request.user.has_perm("memberships.add_refund")
    form = CancelForm(request.POST or None, ends_at=ends_at, may_refund=may_refund)
    if form.is_valid() and _cancelled(membership, form, request, now):
        return back
    unused, title = unused_credit(membership, now=now), _("Cancel the membership")
    return ask(
        model_admin, request, membership, form=form, title=title, button=title,
        facts=[
            (_("membership"), membership),
            (_("paid until"), day(membership.period_end) if membership.period_end else NOTHING),
            (_("paid for and unused today"), format_money(unused, membership.currency)),
        ],
    )  # fmt: skip


def _cancelled(membership: Membership, form: CancelForm, request: HttpRequest, now: datetime) -> bool:
    """End it as the form says; False when that cannot be, which is then on the form."""
    typed, actor = form.cleaned_data, cast("User", request.user)
    try:
        if typed["when"] == LATER:
            cancel_at_period_end(membership=membership, actor=actor, reason=typed["reason"], now=now)
            messages.success(request, _("The membership ends with what was paid for."))
        else:
            cancel_now(
                membership=membership,
                actor=actor,
                reason=typed["reason"],
                refund=typed.get("refund", False),
                now=now,
            )
            messages.success(request, _("The membership has ended."))
    except PaymentUnderWay:
        form.add_error(
            "when", _("A bill or a change is waiting for its money. Ending it at once closes that.")
        )
    except (GatewayUnavailable, GatewayRefused):
        form.add_error(None, _("The gateway cannot close what is waiting for money. Try again in a while."))
    except TransitionNotAllowed:
        messages.info(request, _("This membership has ended already."))
    return not form.errors
