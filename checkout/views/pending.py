"""What a membership waits for: the scheduled change its date, the open order its payment."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from checkout.models import Order
from checkout.views.codes import discount_terms
from checkout.views.owned import signed_in, terms_for
from checkout.views.standing import what_becomes_of_sites
from memberships.models import Membership, MembershipItem, ScheduledChange, ScheduledItem
from memberships.operations.discounts import scheduled_discount
from memberships.operations.keep_plan import keep_plan
from memberships.operations.price_previews import first_bill_at
from memberships.operations.terms import Terms
from memberships.story import intent
from products.date_display import day
from products.models import Price
from products.money_display import format_money, format_price


def pending_change(membership: Membership) -> ScheduledChange | None:
    """The change that waits for the period's end, with its products: two queries, one if there is none."""
    items = ScheduledItem.objects.select_related("product__group", "product__tax_rate", "price")
    return (
        membership.scheduled_changes.filter(state=ScheduledChange.State.PENDING)
        .select_related("discount_use")
        .prefetch_related(Prefetch("items", items))
        .first()
    )


def pending_texts(pending: ScheduledChange | None, terms: Terms) -> dict[str, str] | None:
    """What `components/pending_change.html` says of it."""
    if pending is None or terms.plan is None:
        return None
    now_plan = terms.plan.product
    if pending.kind == ScheduledChange.CANCELLATION:
        return _leaving(pending, plan=now_plan.name)
    items = list(pending.items.all())
    plan = next((item.product for item in items if item.product.is_plan), now_plan)
    date = {"date": day(pending.effective_at), "plan": plan.name, "now": now_plan.name}
    stays = {"stays_url": reverse("checkout:planned", args=[pending.membership.uid])}
    if plan.pk != now_plan.pk:
        keep = _("You keep %(now)s and its limits until then.") % date
        title = _("%(plan)s from %(date)s") % date
        return {"title": title, "text": f"{keep} {_code_of(pending)}".strip(), **stays}
    staying = {item.product_id: item.quantity for item in items}
    gone = [
        item.product.name
        for item in terms.items
        if item.price.is_recurring and staying.get(item.product_id, 0) < item.quantity
    ]
    if gone:
        return {
            "title": _("Less from %(date)s: %(names)s") % {**date, "names": ", ".join(gone)},
            "text": _("You keep everything until then."),
            **stays,
        }
    return {
        "title": _("Another billing period from %(date)s") % date,
        "text": _("Your plan stays %(now)s.") % date,
    }


def _code_of(pending: ScheduledChange) -> str:
    """What a code that begins with the change takes off."""
    discount = scheduled_discount(pending)
    if discount is None:
        return ""
    return f"{discount.code}: {discount_terms(discount, pending.membership.currency)}."


def _leaving(pending: ScheduledChange, *, plan: str) -> dict[str, str]:
    sites = what_becomes_of_sites(ended_at=pending.effective_at, now=pending.created_at)
    keep = _("You keep %(plan)s until then.") % {"plan": plan}
    return {
        "title": _("Your membership ends on %(date)s") % {"date": day(pending.effective_at)},
        "text": f"{keep} {sites}",
    }


def prices_to_come(terms: Terms, pending: ScheduledChange | None, *, now: datetime) -> list[dict[str, str]]:
    """What `components/price_to_come.html` says of each product whose price changes at a renewal. No query."""
    if terms.is_over:
        return []
    return [
        _price_to_come(item, item.next_price, terms, pending, now) for item in terms.items if item.next_price
    ]


def _price_to_come(
    item: MembershipItem, price: Price, terms: Terms, pending: ScheduledChange | None, now: datetime
) -> dict[str, str]:
    assert item.next_price_from is not None, "a price to come has its day"
    bill = first_bill_at(terms=terms, change=pending, at=item.next_price_from, now=now)
    begins = bill.effective_at if bill and bill.effective_at else item.next_price_from
    said = {"product": item.product.name, "old": format_price(item.price), "new": format_price(price)}
    text = _("%(product)s costs %(new)s from then on, in place of %(old)s.") % said
    if bill is not None:
        due = {"due": format_money(bill.due_now, terms.membership.currency)}
        text = " ".join((text, _("Your bill of that day: %(due)s.") % due))
    return {"title": _("A new price from %(date)s") % {"date": day(begins)}, "text": text}


def under_way_texts(membership: Membership) -> dict[str, object] | None:
    """What `components/under_way.html` says of the open order; None when there is none, or when it is an overdue bill,
    of which the membership's standing tells."""
    order = Order.objects.open().filter(membership=membership).first()
    if order is None or membership.state == Membership.State.PAST_DUE:
        return None
    title = intent(kind=order.kind, came_from=order.came_from, went_to=order.went_to)
    return {"title": title, "uid": order.uid}


@login_required
@require_POST
def keep(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Take the scheduled change back."""
    user = signed_in(request)
    terms = terms_for(user, uid)
    if Order.objects.open().filter(membership=terms.membership).exists():
        messages.warning(
            request, _("Another change is already waiting for its payment. Finish or stop that one first.")
        )
    elif keep_plan(membership=terms.membership, actor=user, now=timezone.now()):
        plan = terms.plan.product.name if terms.plan else ""
        messages.success(request, _("You keep %(plan)s. Nothing will change.") % {"plan": plan})
    else:
        messages.info(request, _("There was no scheduled change to take back."))
    return redirect("checkout:account", uid=uid)
