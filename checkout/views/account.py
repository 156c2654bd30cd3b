"""The Account page: one membership with everything around it, as blocks from top to bottom."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.confirmation import is_confirmed
from accounts.models import User
from accounts.network.live import network
from checkout.models import SignUp
from checkout.operations.undo import newest_upgrade
from checkout.views.add_site import room_for_sites
from checkout.views.domains import domains_of
from checkout.views.owned import signed_in, terms_for
from checkout.views.pages import page_of
from checkout.views.pending import pending_change, pending_texts, prices_to_come, under_way_texts
from checkout.views.security import security_of
from checkout.views.standing import standing_of
from checkout.views.story import story_of
from checkout.views.undo import undo_offer
from checkout.views.usage import usage_blocks
from checkout.views.wallet import wallet_of
from checkout.views.words import interval_name, per, times
from memberships.models import Membership, MembershipItem, ScheduledChange
from memberships.operations.entitlements import entitlements
from memberships.operations.next_bill import bill_to_come
from memberships.operations.terms import Terms
from memberships.parties import buyer
from products.date_display import day
from products.money_display import format_money
from sites.models import OwnerVisit, Site
from sites.models.site import SiteQuerySet

SITES_SHOWN = 20
VISITS_SHOWN = 5
OTHERS_SHOWN = 50  # in the recycle bin, and of other owners
TONES = {
    Membership.State.ACTIVE: "good",
    Membership.State.TRIALING: "note",
    Membership.State.PAST_DUE: "warn",
    Membership.State.EXPIRED: "bad",
    Membership.State.CANCELLED: "bad",
}


@never_cache
@login_required
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """To the membership, the oldest one that is alive first; or word that there is none."""
    user = signed_in(request)
    memberships = Membership.objects.owned_by(user).exclude(state=Membership.State.PENDING).order_by("id")
    alive = memberships.exclude(state__in=[Membership.State.EXPIRED, Membership.State.CANCELLED])
    membership = alive.first() or memberships.first()
    if membership is None and SignUp.objects.open_of(user).exists():
        return redirect("checkout:sign_up")
    if membership is None:
        context = {"works_on": _sites_of_others(user), **security_of(user, now=timezone.now())}
        return render(request, "pages/no_membership.html", context)
    return redirect("checkout:account", uid=membership.uid)


@never_cache
@login_required
@require_GET
def page(request: HttpRequest, uid: UUID) -> HttpResponse:
    user, now = signed_in(request), timezone.now()
    terms = terms_for(user, uid)
    membership = terms.membership
    if _is_signing_up(terms):
        return redirect("checkout:sign_up")
    own = Site.objects.filter(membership=membership)
    shown = page_of(
        own.outside_the_bin().order_by("id"), number=request.GET.get("sites", ""), size=SITES_SHOWN
    )
    sites, limits = shown.rows, entitlements(membership)
    room = room_for_sites(membership, limits)
    pending = pending_change(membership)
    context = {
        "membership": membership,
        "is_confirmed": is_confirmed(user),
        "switch": _plans_of(user.pk),
        **_membership_block(terms, pending, now),
        "pending": pending_texts(pending, terms),
        "prices_to_come": prices_to_come(terms, pending, now=now),
        "standing": standing_of(membership, now=now),
        "may_cancel": _may_cancel(membership, pending),
        "under_way": under_way_texts(terms.membership),
        "undo": undo_offer(newest_upgrade(membership=membership, now=now), now=now),
        **room,
        "sites": sites,
        "sites_page": shown,
        "deleted_sites": _in_the_bin(own),
        "staff_visits": _visits_by_staff(membership),
        "works_on": _sites_of_others(user),
        **usage_blocks(limits=limits, sites=sites, sites_used=room["sites_used"], now=now),
        "domains": domains_of(sites),
        "cards": list(membership.customer.payment_methods.all()),
        **story_of(membership, page=request.GET.get("history", "")),
        "customer": membership.customer,
        "buyer": buyer(membership.customer),
        **wallet_of(membership, balance=terms.wallet, page=request.GET.get("wallet", "")),
        **security_of(user, now=now),
    }
    return render(request, "pages/account.html", context)


def _is_signing_up(terms: Terms) -> bool:
    """Whether there is nothing to show yet: the membership has not begun."""
    pending = terms.membership.state == Membership.State.PENDING
    return pending and SignUp.objects.filter(membership=terms.membership, state=SignUp.State.OPEN).exists()


def _may_cancel(membership: Membership, pending: ScheduledChange | None) -> bool:
    is_planned = pending is not None and pending.kind == ScheduledChange.CANCELLATION
    return membership.state not in Membership.ENDED and not is_planned


def _sites_of_others(user: User) -> Sequence[Site]:
    return list(Site.objects.worked_on_by(user).ready().order_by("name", "id")[:OTHERS_SHOWN])


def _visits_by_staff(membership: Membership) -> Sequence[OwnerVisit]:
    """The last times that staff were in a site as its owner. One query."""
    visits = OwnerVisit.objects.filter(site__membership=membership).select_related("site", "actor")
    before = membership.transfers.filter(at__gt=OuterRef("began_at"))
    visits = visits.exclude(Exists(before))
    return list(visits.order_by("-id")[:VISITS_SHOWN])


def _in_the_bin(own: SiteQuerySet) -> list[dict[str, Any]]:
    """The sites that were deleted and can still be taken back, the last one first."""
    kept = timedelta(days=network.recycle_days)
    deleted = own.filter(state=Site.State.RECYCLED).order_by("-recycled_at", "-id")[:OTHERS_SHOWN]
    return [{"site": site, "until": day(site.recycled_at + kept)} for site in deleted if site.recycled_at]


def _plans_of(user_id: int) -> list[dict[str, Any]]:
    """The customer's memberships by plan, for the switch between several."""
    rows = MembershipItem.objects.live().filter(membership__customer__user=user_id, product__type="plan")
    named = rows.order_by("membership_id").values_list("membership__uid", "product__name")
    return [{"uid": uid, "plan": plan} for uid, plan in named]


def _membership_block(terms: Terms, pending: ScheduledChange | None, now: datetime) -> dict[str, Any]:
    membership = terms.membership
    recurring = [item for item in terms.items if item.price.is_recurring]
    total = sum(item.unit_price * item.quantity for item in recurring)
    return {
        "plan": terms.plan.product if terms.plan else None,
        "tone": TONES.get(Membership.State(membership.state), ""),
        "price": format_money(total, membership.currency),
        "per": per(membership.interval) if total else "",
        "interval": interval_name(membership.interval) if membership.period else "",
        "items": [_item_texts(item, membership) for item in terms.items] if len(terms.items) > 1 else [],
        "plus_tax": any(item.tax_percent for item in recurring if item.unit_price),
        "since": day(membership.activated_at or membership.created_at),
        "billed": times(membership.invoices.count()),
        **_next_bill(terms, pending, now),
    }


def _item_texts(item: MembershipItem, membership: Membership) -> dict[str, str]:
    return {
        "name": str(item),
        "type": "" if item.product.is_plan else item.product.get_type_display(),
        "price": format_money(item.unit_price * item.quantity, membership.currency),
        "per": per(membership.interval) if item.price.is_recurring else _("once"),
    }


def _next_bill(terms: Terms, pending: ScheduledChange | None, now: datetime) -> dict[str, str]:
    """What the next bill will be and when; nothing where no bill follows."""
    bill = bill_to_come(terms=terms, change=pending, now=now)
    if bill is None or bill.effective_at is None:
        return {}
    return {
        "next_amount": format_money(bill.due_now, terms.membership.currency),
        "next_date": day(bill.effective_at),
    }
