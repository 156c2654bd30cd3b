"""Rehearse: what would become of a membership, as a table. Nothing happens."""

from datetime import UTC, date, datetime, time

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminSingleDateWidget

from checkout.operations.rehearsal import LONGEST, Rehearsal, rehearse
from checkout.operations.rehearsal.table import table_of
from memberships.billing.rehearsal import CardBehaviour
from memberships.models import Membership
from products.admin.asking import ask, the_row
from products.admin.base import Admin

CARDS = [
    (CardBehaviour.WORKS, gettext_lazy("works")),
    (CardBehaviour.DECLINES, gettext_lazy("is declined")),
    (CardBehaviour.NEEDS_CONFIRMATION, gettext_lazy("needs a confirmation each time")),
]


class RehearseForm(forms.Form):
    until = forms.DateField(label=gettext_lazy("until"), widget=UnfoldAdminSingleDateWidget)
    card = forms.ChoiceField(
        label=gettext_lazy("the saved card"), choices=CARDS, widget=UnfoldAdminSelectWidget
    )

    def clean_until(self) -> date:
        until: date = self.cleaned_data["until"]
        today = timezone.localdate()
        if until <= today:
            raise forms.ValidationError(_("Choose a day to come."))
        if until > today + LONGEST:
            raise forms.ValidationError(_("Choose a day within the next three years."))
        return until


def page(model_admin: Admin[Membership], request: HttpRequest, object_id: str) -> HttpResponse:
    membership: Membership = the_row(model_admin, request, object_id)
    form = RehearseForm(request.POST or None, initial={"card": CardBehaviour.WORKS})
    rehearsal = _rehearsed(membership, form) if form.is_valid() else None
    answer = ask(
        model_admin, request, membership, form=form, title=_("Rehearse"), button=_("Rehearse"),
        facts=[(_("membership"), membership), (_("state"), membership.get_state_display())],
        warning=rehearsal.stopped if rehearsal else "",
        template="admin/checkout/rehearse.html",
        table=table_of(rehearsal, membership.currency) if rehearsal else None,
    )  # fmt: skip
    answer.status_code = 422 if form.is_bound and rehearsal is None else 200
    return answer


def _rehearsed(membership: Membership, form: RehearseForm) -> Rehearsal:
    until = datetime.combine(form.cleaned_data["until"], time.max, tzinfo=UTC)
    card = CardBehaviour(form.cleaned_data["card"])
    now = timezone.now()
    return rehearse(membership=membership, until=min(until, now + LONGEST), card=card, now=now)
