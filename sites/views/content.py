"""On the network: another starter for a site, and the way back to what it showed before."""

import uuid

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from memberships.operations.entitlements import plans_of
from sites.models import Starter
from sites.operations import ask_for_old_content, ask_for_starter
from sites.operations.begin import starters_for
from sites.views.owned import own_site


class StarterForm(forms.Form):
    starter = forms.ModelChoiceField(
        queryset=Starter.objects.none(),
        error_messages={
            "required": gettext_lazy("Choose a starter site."),
            "invalid_choice": gettext_lazy("This starter site is not offered any more. Choose another."),
        },
    )


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """GET shows the starters and what is kept; POST asks for one of them."""
    site = own_site(request, uid)
    offered = starters_for(site.limits, plans=plans_of(site.membership_id))
    starters = [starter for starter in offered if starter.site_id != site.pk]
    form = StarterForm(request.POST if request.method == "POST" else None)
    form.fields["starter"].queryset = Starter.objects.filter(pk__in=[starter.pk for starter in starters])  # type: ignore[attr-defined]  # a ModelChoiceField
    if request.method == "POST" and form.is_valid():
        try:
            ask_for_starter(site=site, starter=form.cleaned_data["starter"], now=timezone.now())
        except ValidationError as refusal:
            form.add_error("starter", refusal)
        else:
            messages.success(request, _("Your site gets its new content in a moment."))
            return redirect("sites:content", site.uid)
    context = {
        "site": site,
        "starters": starters,
        "form": form,
        "waiting": site.content_switches.waiting().first(),
        "failed": site.content_switches.failed_last().select_related("starter").first(),
        "kept": site.content_switches.to_put_back(at=timezone.now()).first(),
    }
    return render(request, "pages/site_content.html", context, status=422 if form.errors else 200)


@never_cache
@login_required
@require_POST
def back(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Ask for the content of before."""
    site = own_site(request, uid)
    try:
        ask_for_old_content(site=site, now=timezone.now())
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        messages.success(request, _("Your site gets its content of before back in a moment."))
    return redirect("sites:content", site.uid)
