"""Let the steps that are left of a site be taken now."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from products.admin.asking import ask, the_row
from products.admin.base import Admin
from sites import tasks
from sites.models import ProvisioningStep, Site


def page(model_admin: Admin[Site], request: HttpRequest, object_id: str) -> HttpResponse:
    site: Site = the_row(model_admin, request, object_id)
    title = _("Try again")
    if request.method == "POST":
        tasks.provision_site.enqueue(site_id=site.pk)
        messages.success(request, _("The steps that are left are being taken."))
        return redirect("admin:sites_site_change", site.pk)
    left = site.steps.exclude(state=ProvisioningStep.State.DONE)
    facts = [(step.name, step.error or step.get_state_display()) for step in left]
    return ask(model_admin, request, site, form=forms.Form(), title=title, button=title, facts=facts)
