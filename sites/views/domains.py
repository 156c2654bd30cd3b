"""On the network: the names of one site. Add, prove, choose the primary one, remove."""

import uuid
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sites import tasks
from sites.entitlements import LimitReached, explain
from sites.models import Domain, DomainClaim, Site
from sites.operations.domains import ask_for_check, claim_domain, make_primary, remove_domain
from sites.operations.domains.claim import SENTENCES
from sites.policies.domain_names import Fault
from sites.views.domain_texts import claim_texts, page_texts
from sites.views.owned import own_site

LONGEST_TYPED = 300  # what is longer than a name can be is still told so in words


class DomainForm(forms.Form):
    domain = forms.CharField(
        label=gettext_lazy("Domain"),
        max_length=LONGEST_TYPED,
        strip=True,
        error_messages={"required": SENTENCES[Fault.EMPTY]},
        help_text=gettext_lazy(
            "A name that you own, such as www.example.com. Both with and without www? Add both."
        ),
        widget=forms.TextInput(
            attrs={"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false", "inputmode": "url"}
        ),
    )


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """GET shows the names; POST adds one, or shows again what was typed with what is wrong."""
    site = own_site(request, uid)
    form = DomainForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        claim = _claimed(site, form)
        if claim is not None:
            tasks.check_domain.enqueue(claim_id=claim.pk)
            messages.success(request, _("%(name)s is added. Next: show that it is yours.") % {"name": claim})
            return redirect(f"{request.path}#claim-{claim.uid}")
    context = {**page_texts(site), "form": form}
    return render(request, "pages/domains.html", context, status=422 if request.method == "POST" else 200)


@never_cache
@login_required
@require_GET
def status(request: HttpRequest, uid: uuid.UUID, claim_uid: uuid.UUID) -> HttpResponse:
    """How one name stands, for the page that waits for a look at the DNS. A name that has arrived shows on the
    whole page."""
    claim = _claim(request, uid, claim_uid)
    if claim.state == DomainClaim.State.ACTIVE:
        response = HttpResponse()
        response["HX-Refresh"] = "true"
        return response
    return render(request, "pages/domains/claim.html", {"site": claim.site, "claim": claim_texts(claim)})


@login_required
@require_POST
def check(request: HttpRequest, uid: uuid.UUID, claim_uid: uuid.UUID) -> HttpResponse:
    claim = _claim(request, uid, claim_uid)
    if ask_for_check(claim=claim, now=timezone.now()):
        tasks.check_domain.enqueue(claim_id=claim.pk)
    return _back(uid, f"#claim-{claim.uid}")


@login_required
@require_POST
def primary(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    site, domain = own_site(request, uid), request.POST.get("domain", "")
    try:
        make_primary(site=site, domain=domain)
    except (Domain.DoesNotExist, ValueError):
        raise Http404 from None
    messages.success(request, _("Your site is now at %(name)s.") % {"name": domain})
    return _back(uid)


@login_required
@require_POST
def remove(request: HttpRequest, uid: uuid.UUID, claim_uid: uuid.UUID) -> HttpResponse:
    claim = _claim(request, uid, claim_uid)
    remove_domain(claim=claim, now=timezone.now())
    messages.success(request, _("%(name)s is removed.") % {"name": claim})
    return _back(uid)


def _claim(request: HttpRequest, uid: uuid.UUID, claim_uid: uuid.UUID) -> DomainClaim:
    claims = DomainClaim.objects.of(own_site(request, uid)).select_related("site__membership")
    return get_object_or_404(claims, uid=claim_uid)


def _claimed(site: Site, form: DomainForm) -> DomainClaim | None:
    """The new claim, or None with the reason on the form."""
    try:
        return claim_domain(site=site, typed=form.cleaned_data["domain"], now=timezone.now())
    except ValidationError as refused:
        form.add_error("domain", cast("Any", refused).message_dict["domain"])
    except LimitReached as reached:
        form.add_error(None, explain(reached))
    return None


def _back(uid: uuid.UUID, anchor: str = "") -> HttpResponse:
    return redirect(f"{reverse('sites:domains', args=[uid])}{anchor}")
