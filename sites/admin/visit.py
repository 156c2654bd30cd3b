"""Visit a site's dashboard as its owner, with a reason that the owner can read."""

from datetime import timedelta
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts.models import User
from products.admin.asking import NothingToChoose, ask, the_row
from products.admin.base import Admin, Inline, ReadOnly
from sites.models import OwnerVisit, Site
from sites.models.owner_visit import VISIT_LIFETIME
from sites.operations.owner_visits import VisitRefused, begin_visit, end_visit
from sites.views.enter import carry

PERMISSION = "sites.visit_as_owner"
REFUSALS = {
    "own": _("This is your own site: open its dashboard from your Account page."),
    "not_ready": _("This site cannot be visited now: it is not ready."),
}


class VisitForm(forms.Form):
    reason = forms.CharField(
        label=_("reason"),
        max_length=240,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("The owner reads it on their Account page, with your name."),
    )


class VisitInline(ReadOnly, Inline[OwnerVisit]):
    model = OwnerVisit
    fields = ("began_at", "actor", "reason", "ends_at", "ended_at")
    readonly_fields = fields
    tab = True

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("actor")


def page(model_admin: Admin[Any], request: HttpRequest, object_id: str) -> HttpResponse:
    """GET asks for the reason. POST answers with the page that carries the pass to the site."""
    site: Site = the_row(model_admin, request, object_id)
    form, now = VisitForm(request.POST or None), timezone.now()
    if form.is_valid():
        user = cast("User", request.user)
        try:
            token = begin_visit(site=site, actor=user, reason=form.cleaned_data["reason"], now=now)
        except VisitRefused as refused:
            messages.warning(request, REFUSALS[refused.code])
            return redirect("admin:sites_site_change", site.pk)
        return carry(request, site, token)
    minutes = VISIT_LIFETIME // timedelta(minutes=1)
    return ask(
        model_admin, request, site, form=form, title=_("Visit as owner"), button=_("Open the dashboard"),
        facts=[
            (_("site"), site.host),
            (_("owner"), site.membership.customer),
            (_("until"), date_format(timezone.localtime(now + VISIT_LIFETIME), "TIME_FORMAT")),
        ],
        warning=_(
            "You can do in this dashboard what its owner can, for %(minutes)d minutes. Their Account page stays "
            "closed to you: you can neither pay nor change the plan."
        ) % {"minutes": minutes},
    )  # fmt: skip


def end_page(model_admin: Admin[Any], request: HttpRequest, object_id: str) -> HttpResponse:
    """End whatever visits are running, one's own and others'."""
    site: Site = the_row(model_admin, request, object_id)
    form = NothingToChoose(request.POST if request.method == "POST" else None)
    running = site.owner_visits.filter(ended_at=None).select_related("actor")
    if form.is_valid():
        for visit in running:
            end_visit(uid=visit.uid, site_id=site.pk, now=timezone.now())
        messages.success(request, _("Nobody visits this site any more."))
        return redirect("admin:sites_site_change", site.pk)
    title = _("End the visit")
    facts = [(str(visit.actor), visit.reason) for visit in running]
    return ask(model_admin, request, site, form=form, title=title, button=title, facts=facts)
