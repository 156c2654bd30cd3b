"""Let what failed with a site be tried now: the steps that are left of it, or its last change of content."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from products.admin.asking import NothingToChoose, ask, the_row
from products.admin.base import Admin
from sites import tasks
from sites.models import ProvisioningStep, Site
from sites.operations import ask_again


def page(model_admin: Admin[Site], request: HttpRequest, object_id: str) -> HttpResponse:
    site: Site = the_row(model_admin, request, object_id)
    form = NothingToChoose(request.POST if request.method == "POST" else None)
    if form.is_valid():
        _try(request, site)
        return redirect("admin:sites_site_change", site.pk)
    title = _("Try again")
    left = site.steps.exclude(state=ProvisioningStep.State.DONE)
    facts = [(step.get_name_display(), step.error or step.get_state_display()) for step in left]
    facts += [(str(failed), failed.error) for failed in site.content_switches.failed_last()]
    return ask(model_admin, request, site, form=form, title=title, button=title, facts=facts)


def _try(request: HttpRequest, site: Site) -> None:
    if site.state in {Site.State.PROVISIONING, Site.State.FAILED}:
        tasks.provision_site.enqueue(site_id=site.pk)
        messages.success(request, _("The steps that are left are being taken."))
    for failed in site.content_switches.failed_last():
        try:
            ask_again(failed=failed, now=timezone.now())
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
        else:
            messages.success(request, _("The site changes its content in a moment."))
