"""Cancel a membership: first what exactly will happen and when, then the one button that does it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from checkout.forms import CancelForm
from checkout.models import Order
from checkout.operations.cancel import cancel
from checkout.operations.confirm import AnotherOrderIsOpen
from checkout.views.owned import signed_in, terms_for
from checkout.views.pending import pending_change
from checkout.views.standing import what_becomes_of_sites
from checkout.views.words import limit_text
from memberships.billing.gateway import GatewayRefused, GatewayUnavailable
from memberships.models import Membership, ScheduledChange
from memberships.models.membership import TransitionNotAllowed
from memberships.operations.terms import Terms
from memberships.policies.lifecycle import cancels_at
from products import pricing
from products.date_display import day
from products.limits import Kind
from products.money_display import format_money
from sites.models import Site
from sites.policies.domain_names import as_people_write

SITES_NAMED = 20
KEPT = (Kind.POSTS, Kind.PAGES, Kind.DISK)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, uid: UUID) -> HttpResponse:
    """GET shows what cancelling leads to; POST does it. What is cancelled already leads back to the Account page."""
    terms, now = terms_for(signed_in(request), uid), timezone.now()
    pending = pending_change(terms.membership)
    is_planned = pending is not None and pending.kind == ScheduledChange.CANCELLATION
    if is_planned or terms.membership.state in Membership.ENDED:
        messages.info(request, _("This membership is cancelled already."))
        return redirect("checkout:account", uid=uid)
    form = CancelForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return _cancel(request, terms.membership, reason=form.cleaned_data["reason"], now=now)
    context = {"membership": terms.membership, "form": form, **_foreseen(terms, pending, now)}
    return render(request, "pages/cancel.html", context, status=422 if request.method == "POST" else 200)


def _cancel(request: HttpRequest, membership: Membership, *, reason: str, now: datetime) -> HttpResponse:
    account = redirect("checkout:account", uid=membership.uid)
    try:
        change = cancel(membership=membership, user=signed_in(request), reason=reason, now=now)
    except AnotherOrderIsOpen as other:
        messages.warning(
            request, _("Another change is already waiting for its payment. Finish or stop that one first.")
        )
        return redirect("checkout:order", uid=other.order.uid)
    except (GatewayUnavailable, GatewayRefused):
        messages.error(
            request, _("The bank could not be reached, so nothing was cancelled. Please try again.")
        )
        return redirect("checkout:cancel", uid=membership.uid)
    except TransitionNotAllowed:
        messages.info(request, _("This membership is cancelled already."))
        return account
    if change is None:
        messages.success(
            request, _("Your membership is cancelled. Everything is kept, should you come back.")
        )
    else:
        date = {"date": day(change.effective_at)}
        messages.success(
            request, _("Your membership ends on %(date)s. Until then you can take it back here.") % date
        )
    return account


def _foreseen(terms: Terms, pending: ScheduledChange | None, now: datetime) -> dict[str, Any]:
    membership = terms.membership
    at = cancels_at(
        status=pricing.Status(membership.state),
        period_end=membership.period_end,
        trial_end=membership.trial_end,
    )
    sites = (
        Site.objects.filter(membership=membership)
        .outside_the_bin()
        .order_by("id")
        .prefetch_related("domains")
    )
    return {
        "plan": terms.plan.product.name if terms.plan else "",
        "date": day(at) if at else "",
        "in_trial": membership.state == Membership.State.TRIALING,
        "bill": _open_bill(membership),
        "replaces": pending is not None,
        "sites": [_site_texts(site) for site in sites[:SITES_NAMED]],
        "more_sites": max(sites.count() - SITES_NAMED, 0),
        "sites_become": what_becomes_of_sites(ended_at=at or now, now=now if at is None else min(now, at)),
        "wallet": format_money(terms.wallet, membership.currency) if terms.wallet > 0 else "",
    }


def _site_texts(site: Site) -> dict[str, Any]:
    """A site by its names, and what is kept in it by the last count."""
    kept = [limit_text(kind, site.usage[kind]) for kind in KEPT if site.usage.get(kind)]
    names = [
        site.host,
        *(as_people_write(row.domain) for row in site.domains.all() if row.domain != site.host),
    ]
    return {"name": site.name, "hosts": ", ".join(names), "kept": ", ".join(kept)}


def _open_bill(membership: Membership) -> str:
    """The amount of the bill that ends with the membership; empty when nothing is open."""
    order = (
        Order.objects.open()
        .select_related("payment")
        .filter(membership=membership, kind=pricing.Kind.RENEWAL)
        .first()
    )
    if order is None or order.payment is None:
        return ""
    return format_money(order.payment.amount, order.payment.currency)
