"""Undo an upgrade: first what exactly will happen, then the one button that does it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from checkout.models import Order
from checkout.operations.undo import Exceeding, Undoing, UndoRefused, foresee, offer, undo
from checkout.operations.what_stays_told import some
from checkout.views.owned import order_for, signed_in
from checkout.views.words import ICONS, clock, interval_name
from memberships.models import Attempt, Membership, Payment, PaymentMethod
from memberships.operations.terms import terms_of
from memberships.story import line_label
from products import pricing
from products.date_display import day, span
from products.limit_display import format_limit
from products.models import Product
from products.models.limit import LABELS
from products.money_display import format_money

REASONS = {
    "never": gettext_lazy("There is no upgrade here that could be undone."),
    "too_late": gettext_lazy("The time to undo this upgrade is over."),
    "under_way": gettext_lazy("Another change is waiting for its payment. Finish or stop that one first."),
    "planned": gettext_lazy(
        "Something is planned for the end of your period. Keep your plan first, then undo."
    ),
    "changed": gettext_lazy("Your membership has changed since this upgrade."),
    "refunded": gettext_lazy("Part of this upgrade’s money was given back already. Please write to us."),
    "service": gettext_lazy("Work that we do for you was bought with it. Please write to us."),
    "credit_spent": gettext_lazy("The credit that this upgrade gave you has been used since."),
    "exceeds": gettext_lazy("You use more than your earlier plan allows. Make room, then undo."),
}
PARKED = gettext_lazy(
    "%(excess)s parked, because your plan has no room. Nothing is lost, and all comes back with an upgrade."
)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, uid: UUID) -> HttpResponse:
    """GET shows what undoing leads to, or why it cannot be; POST does it, once however often it is sent."""
    user, now = signed_in(request), timezone.now()
    order = order_for(user, uid)
    result = redirect("checkout:order", uid=uid)
    if order.state == Order.State.UNDONE:
        return result
    try:
        if request.method == "POST":
            undo(order=order, actor=user, now=now)
            messages.success(request, _("Done. Everything is as it was before."))
            return result
        undoing = foresee(order=order, now=now)
    except UndoRefused as refused:
        context = {
            "order": order,
            "reason": REASONS[refused.code],
            "exceeding": _what_exceeds(refused.exceeding),
        }
        return render(request, "pages/undo_refused.html", context, status=409)
    return render(request, "pages/undo.html", {"order": order, **_foreseen(order, undoing)})


def undo_offer(order: Order | None, *, now: datetime) -> dict[str, object] | None:
    """What `components/undo_offer.html` says of `order`; None when it cannot be undone."""
    undoing = offer(order=order, now=now) if order else None
    return {"order": order, "until": _moment(undoing.until)} if undoing else None


def _foreseen(order: Order, undoing: Undoing) -> dict[str, object]:
    membership, before = order.membership, undoing.before
    return {
        "membership": membership,
        "has": _state(_items(membership), membership.interval),
        "gets": _state(_items_before(before), before.interval),
        "plan": next(product.name for product, _quantity in _items_before(before) if product.is_plan),
        "period": span(before.period) if before.period else "",
        "trial_end": day(before.trial_end) if before.in_trial and before.trial_end else "",
        "moves": _moves(order.payment, undoing, membership),
        "to_card": format_money(undoing.to_card, membership.currency) if undoing.to_card else "",
        "until": _moment(undoing.until),
        "parked_again": _what_exceeds(undoing.parked_again),
    }


def _moves(payment: Payment | None, undoing: Undoing, membership: Membership) -> list[dict[str, str]]:
    """Which money goes where."""
    moves = []
    if undoing.to_card:
        moves.append({"label": _card(payment), "amount": format_money(undoing.to_card, membership.currency)})
    if undoing.to_wallet:
        label = _("Into your wallet") if undoing.to_wallet > 0 else _("Out of your wallet again")
        moves.append({"label": label, "amount": format_money(undoing.to_wallet, membership.currency)})
    return moves


def _card(payment: Payment | None) -> str:
    """The card that the money goes back to, as far as we know it."""
    paid = Attempt.objects.filter(payment=payment, state=Attempt.State.SUCCEEDED).exclude(card_ref="")
    card = PaymentMethod.objects.filter(gateway_ref__in=paid.values("card_ref")).first()
    return _("Back to %(card)s") % {"card": card} if card else _("Back to the card you paid with")


Held = Sequence[tuple[Product, int]]


def _items(membership: Membership) -> Held:
    return [(item.product, item.quantity) for item in terms_of(membership).items]


def _items_before(before: pricing.HeldMembership) -> Held:
    products = Product.objects.in_bulk([item.product for item in before.items], field_name="code")
    return [(products[item.product], item.quantity) for item in before.items]


def _state(held: Held, interval: pricing.Interval) -> dict[str, object]:
    """What `components/state.html` shows."""
    return {
        "plan": next((product.name for product, _quantity in held if product.is_plan), ""),
        "period": interval_name(interval),
        "extras": [
            line_label(type="charge", product=product.name, quantity=quantity)
            for product, quantity in held
            if not product.is_plan
        ],
    }


def _moment(at: datetime) -> str:
    return f"{day(at)}, {clock(at)}"


def _what_exceeds(found: Sequence[Exceeding]) -> list[dict[str, object]]:
    return [
        {
            "icon": ICONS.get(each.kind, "info"),
            "label": LABELS[each.kind],
            "site": each.site,
            "used": format_limit(each.kind, each.used),
            "allowed": format_limit(each.kind, each.allowed),
            "parked": PARKED % {"excess": format_limit(each.kind, each.used - each.allowed)},
            "names": some(each.names),
        }
        for each in found
    ]
