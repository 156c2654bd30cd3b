"""A note about a membership, for the next who looks at it."""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget

from accounts.models import User
from memberships.models import Membership, Note
from products.admin.asking import ask, the_row
from products.admin.base import Admin


class NoteForm(forms.Form):
    text = forms.CharField(
        label=_("note"),
        max_length=2000,
        widget=UnfoldAdminTextareaWidget,
        help_text=_("Staff read it in the timeline; the customer does not."),
    )


def page(model_admin: Admin[Any], request: HttpRequest, object_id: str) -> HttpResponse:
    membership: Membership = the_row(model_admin, request, object_id)
    form = NoteForm(request.POST or None)
    if form.is_valid():
        Note.objects.create(
            membership=membership,
            text=form.cleaned_data["text"],
            author=cast("User", request.user),
            created_at=timezone.now(),
        )
        messages.success(request, _("The note stands in the timeline."))
        return redirect("admin:memberships_membership_change", membership.pk)
    return ask(
        model_admin, request, membership, form=form, title=_("Add a note"), button=_("Add the note"),
        facts=[(_("membership"), membership)],
    )  # fmt: skip
