"""On the network: who works on a site, for the owner of its membership."""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from memberships.operations.entitlements import entitlements
from products.limits import Kind
from sites import tasks
from sites.entitlements import LimitReached, explain
from sites.models import Role, Site, SiteMember
from sites.operations import people
from sites.views.owned import own_site

REFUSALS = {
    "own": gettext_lazy("That is you. You are on your site already."),
    "present": gettext_lazy("Somebody with this address is invited already, or is here."),
    "closed": gettext_lazy("This site is read-only right now, so nobody can be invited."),
    "too_many": gettext_lazy("You have invited many people today. Invite more tomorrow."),
    "too_soon": gettext_lazy(
        "A mail is on its way, or has been sent a moment ago. Try again in ten minutes."
    ),
}
DOES = {
    Role.OWNER: gettext_lazy("Everything in the dashboard, but nothing about plan, bills and people."),
    Role.EDITOR: gettext_lazy("Writes and publishes everything; pictures and documents too."),
    Role.WRITER: gettext_lazy("Writes drafts of their own and submits them; an editor publishes."),
}


class InvitationForm(forms.Form):
    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=Role.choices, initial=Role.EDITOR)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """GET shows them, and a form while there is room; POST invites, or shows again what was typed and what is wrong."""
    site = own_site(request, uid)
    form = InvitationForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _invited(request, site, form):
        return _back(site)
    return _show(request, site, form)


@login_required
@require_POST
def change(request: HttpRequest, uid: uuid.UUID, member_uid: uuid.UUID) -> HttpResponse:
    """Give one of them another role, write to them again, or remove them, as the button says."""
    site, now = own_site(request, uid), timezone.now()
    member = get_object_or_404(SiteMember.objects.of(site).select_related("user"), uid=member_uid)
    name = {"name": str(member.user or member.email)}
    match request.POST.get("do", ""):
        case "remove":
            people.remove(member=member, now=now)
            tasks.refresh_usage.enqueue(site_id=site.pk)
            messages.success(request, _("%(name)s is no longer on this site. What they wrote stays.") % name)
        case "again":
            try:
                people.invite_again(member=member, now=now)
                messages.success(request, _("Another mail is on its way to %(name)s.") % name)
            except people.InvitationRefused as refused:
                messages.warning(request, REFUSALS[refused.code])
        case role if role in Role.values:
            people.give_role(member=member, role=Role(role))
            messages.success(request, _("%(name)s is now: %(role)s.") % {**name, "role": Role(role).label})
    return _back(site)


def _invited(request: HttpRequest, site: Site, form: InvitationForm) -> bool:
    """Invite whom the form names; False when that is refused, which is then on the form."""
    typed = form.cleaned_data
    try:
        member = people.invite(site=site, email=typed["email"], role=Role(typed["role"]), now=timezone.now())
    except people.InvitationRefused as refused:
        form.add_error("email", REFUSALS[refused.code])
        return False
    except LimitReached as reached:
        form.add_error(None, explain(reached))
        return False
    tasks.refresh_usage.enqueue(site_id=site.pk)
    messages.success(request, _("%(email)s is invited. A mail is on its way.") % {"email": member.email})
    return True


def _show(request: HttpRequest, site: Site, form: InvitationForm) -> HttpResponse:
    now = timezone.now()
    here = list(SiteMember.objects.of(site).select_related("user"))
    allowed = entitlements(site.membership)[Kind.USERS]
    context: dict[str, Any] = {
        "site": site,
        "membership": site.membership,
        "owner": site.membership.customer.user,
        "people": [
            {"member": member, "name": str(member.user or member.email), "late": member.has_run_out(at=now)}
            for member in here
        ],
        "roles": [{"value": role.value, "label": role.label, "does": DOES[role]} for role in Role],
        "used": 1 + len(here),
        "allowed": allowed,
        "has_room": allowed is None or 1 + len(here) < allowed,
        "form": form,
    }
    return render(request, "sites/people.html", context, status=422 if form.is_bound else 200)


def _back(site: Site) -> HttpResponseRedirect:
    return redirect("sites:people", uid=site.uid)
