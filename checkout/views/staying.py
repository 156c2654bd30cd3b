"""What stays, looked at from the Account page: before a planned change, and of what is parked already."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from checkout.forms import answer_of
from checkout.operations.what_stays import (
    TooLateToChoose,
    TooManyStay,
    change_places,
    choose_for_change,
    foresee_change,
    parked_now,
)
from checkout.views.owned import signed_in, terms_for
from checkout.views.pending import pending_change, pending_texts
from checkout.views.what_stays import Shown, back, groups_of, pages_of, what_stays_texts
from memberships.models import ScheduledChange
from products.date_display import day
from sites.operations.over_limit import Choices, NothingOfThatName

_NONE: Choices = {}


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def planned(request: HttpRequest, uid: UUID) -> HttpResponse:
    """What the change to come leaves no room for. POST remembers what is to stay; nothing else happens."""
    terms, now = terms_for(signed_in(request), uid), timezone.now()
    change, wanted = pending_change(terms.membership), _NONE
    if change is None or change.kind == ScheduledChange.CANCELLATION:
        messages.info(request, _("No change is planned for which you could choose."))
        return redirect("checkout:account", uid=uid)
    if request.method == "POST":
        try:
            choose_for_change(change=change, answer=answer_of(request.POST), now=now)
        except TooManyStay as refused:
            wanted = refused.wanted
        except TooLateToChoose:
            messages.info(request, _("This change has taken effect, or was taken back."))
            return redirect("checkout:account", uid=uid)
        else:
            return _saved(request, reverse("checkout:planned", args=[uid]), _("Your choice is saved."))
    shown = _shown(request, wanted, when=_("on %(date)s") % {"date": day(change.effective_at)})
    context = {
        "membership": terms.membership,
        "plan": terms.plan.product.name if terms.plan else "",
        "pending": pending_texts(change, terms),
        "what_stays": what_stays_texts(foresee_change(change=change, now=now), shown),
    }
    return render(request, "pages/what_stays.html", context, status=422 if wanted else 200)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def parked(request: HttpRequest, uid: UUID) -> HttpResponse:
    """What is parked in the sites of a membership. POST lets things change places, at once."""
    membership, now = terms_for(signed_in(request), uid).membership, timezone.now()
    wanted = _NONE
    if request.method == "POST":
        address = reverse("checkout:parked", args=[uid])
        try:
            changed = change_places(membership=membership, answer=answer_of(request.POST), now=now)
        except TooManyStay as refused:
            wanted = refused.wanted
        except NothingOfThatName:
            messages.warning(request, _("Something was deleted in this very moment. Look once more."))
            return redirect(address)
        else:
            return _saved(request, address, _("Done. What you ticked is there again.") if changed else "")
    groups = groups_of(parked_now(membership=membership, now=now), _shown(request, wanted, when=""))
    context = {
        "membership": membership,
        "what_stays": {"groups": groups},
        "may_choose": any(each["is_choice"] for group in groups for each in group["lists"]),
    }
    return render(request, "pages/parked.html", context, status=422 if wanted else 200)


def _shown(request: HttpRequest, wanted: Choices, *, when: str) -> Shown:
    return Shown(when=when, wanted=wanted, pages=pages_of(request.POST if wanted else request.GET))


def _saved(request: HttpRequest, address: str, told: str) -> HttpResponse:
    """Back to the page. Who only turns a list over is told nothing."""
    if told and "go" not in request.POST:
        messages.success(request, told)
    return back(address, request.POST)
