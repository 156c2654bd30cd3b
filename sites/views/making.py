"""On the network: a site while it is being made, step by step, and what to do with it once it is ready."""

import uuid
from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from sites.models import ProvisioningStep, Site
from sites.views.owned import own_site


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownStep:
    """A step as its site's owner sees it. Of what is not done the first is under way, or in trouble."""

    words: str
    is_done: bool
    is_next: bool
    is_failed: bool


@never_cache
@login_required
@require_safe
def page(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """The whole page, or for htmx the part of it that changes."""
    site = own_site(request, uid)
    steps = _steps(site)
    context = {
        "site": site,
        "steps": steps,
        "done": sum(step.is_done for step in steps),
        "is_unfinished": site.state in {Site.State.PROVISIONING, Site.State.FAILED},
    }
    is_part = bool(request.headers.get("HX-Request"))
    return render(request, "pages/site_state.html" if is_part else "pages/site.html", context)


def _steps(site: Site) -> list[ShownStep]:
    rows = list(site.steps.order_by("position"))
    following = next((row for row in rows if row.state != ProvisioningStep.State.DONE), None)
    return [
        ShownStep(
            words=row.get_name_display(),
            is_done=row.state == ProvisioningStep.State.DONE,
            is_next=row is following,
            is_failed=row.state == ProvisioningStep.State.FAILED,
        )
        for row in rows
    ]
