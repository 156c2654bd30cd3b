"""What became of an order: the truth while waiting, and what changed once it is done."""

from collections.abc import Mapping
from typing import cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRedirect, HttpResponseClientRefresh

from checkout.models import Order, SignUp
from checkout.operations.fulfil import paid_otherwise, reference_of
from checkout.operations.limits_of_states import limits_of_states
from checkout.operations.pay import give_up, reconcile
from checkout.operations.promise import promised, promised_price
from checkout.operations.quote import QuoteBroken, picks_of
from checkout.operations.undo import undo_reference_of
from checkout.views.owned import order_for, signed_in
from checkout.views.paying import FIRST, cards_of, chosen_card, to_payment
from checkout.views.undo import undo_offer
from checkout.views.words import ICONS, clock, refusal_text
from memberships.billing.gateway import GatewayRefused, GatewayUnavailable
from memberships.bills import bill_of
from memberships.models import Attempt, Invoice, Refund, ScheduledChange
from memberships.operations.entitlements import limits_together
from memberships.operations.overrides import given_beside
from memberships.operations.transfers import transfer_instructions, transfers_are_offered
from memberships.parties import spaced
from memberships.story import intent
from products import pricing
from products.date_display import day
from products.limit_display import shown_limits
from products.money_display import format_money


@never_cache
@login_required
@require_GET
def page(request: HttpRequest, uid: UUID) -> HttpResponse:
    context = _up_to_date(request, uid)
    order = cast("Order", context["order"])
    if order.state in {Order.State.CANCELLED, Order.State.EXPIRED} and _is_signing_up(order):
        messages.info(request, _("Your order was not paid, and nothing was charged. What you chose is kept."))
        return redirect("checkout:sign_up")
    return render(request, "pages/result.html", context)


@never_cache
@require_GET
def status(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The part of the page that waits, for htmx. Once the order is settled it no longer asks to be polled."""
    if not request.user.is_authenticated:
        return HttpResponseClientRefresh()
    context = _up_to_date(request, uid)
    order = cast("Order", context["order"])
    if order.kind in FIRST and order.state == Order.State.FULFILLED:
        return HttpResponseClientRedirect(reverse("checkout:welcome", args=[uid]))
    return render(request, "pages/result_state.html", context)


@login_required
@require_POST
def pay_again(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Go (back) to the payment of an open order, by the same means or another."""
    order = order_for(signed_in(request), uid)
    return to_payment(request, order, card=chosen_card(request, order.membership.customer))


@login_required
@require_POST
def stop(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Give an unpaid order up. If it turns out to be paid, it is carried out, and the page says so.

    The bill of a period that has begun is no order of the member's: it cannot be stopped, only paid.
    """
    order = order_for(signed_in(request), uid)
    if order.kind == pricing.Kind.RENEWAL:
        messages.warning(request, _("A bill is still open. Pay it first; then you can change your plan."))
        return redirect("checkout:order", uid=order.uid)
    try:
        order = give_up(order=order, state=Order.State.CANCELLED, now=timezone.now())
    except (GatewayUnavailable, GatewayRefused):
        messages.error(
            request, _("The bank could not be reached, so this change still waits. Please try again.")
        )
    return redirect("checkout:order", uid=order.uid)


def _is_signing_up(order: Order) -> bool:
    return SignUp.objects.filter(membership=order.membership_id, state=SignUp.State.OPEN).exists()


def _up_to_date(request: HttpRequest, uid: UUID) -> dict[str, object]:
    """Ask the gateway how the order stands, and say what is true now."""
    order = order_for(signed_in(request), uid)
    unreachable = False
    if order.state == Order.State.OPEN:
        try:
            order = reconcile(order=order, now=timezone.now())
        except (GatewayUnavailable, GatewayRefused):
            unreachable = True
        order = order_for(signed_in(request), uid)
    context: dict[str, object] = {
        "order": order,
        "title": title_of(order),
        "membership": order.membership,
        "plan": _plan(order),
        "amount": format_money(order.payment.amount, order.payment.currency) if order.payment else "",
        "unreachable": unreachable,
    }
    if order.state == Order.State.OPEN:
        return {**context, **_waiting(order)}
    if order.state == Order.State.FULFILLED:
        return {**context, **_done(order), "undo": undo_offer(order, now=timezone.now())}
    if order.state == Order.State.UNDONE:
        return {**context, **_undone(order)}
    credited = paid_otherwise(order)
    return {
        **context,
        "paid_otherwise": format_money(credited, order.membership.currency) if credited else "",
    }


def title_of(order: Order) -> str:
    """What was done, or what is still to be done."""
    done = (
        order.state == Order.State.FULFILLED and order.quote.price.effective != pricing.Effective.PERIOD_END
    )
    return str(order) if done else intent(kind=order.kind, came_from=order.came_from, went_to=order.went_to)


def _waiting(order: Order) -> Mapping[str, object]:
    attempt = order.payment.attempts.order_by("-number").first() if order.payment else None
    # A page whose address never reached us was shown to nobody, so there is nothing to wait for.
    failed = (
        attempt is None
        or attempt.state == Attempt.State.FAILED
        or attempt.asks_customer
        or (attempt.method == Attempt.Method.HOSTED_PAGE and not attempt.url)
    )
    return {
        "attempt": attempt,
        "failed": failed,
        "refusal": _why(attempt) if attempt else "",
        "cards": cards_of(order.membership.customer) if failed else [],
        "by_transfer": transfers_are_offered(),
        "transfer": _transfer(order, attempt),
    }


def _why(attempt: Attempt) -> str:
    if attempt.asks_customer:
        return _("Your bank wants you to confirm this payment yourself.")
    return refusal_text(attempt.refusal)


def _transfer(order: Order, attempt: Attempt | None) -> Mapping[str, object] | None:
    """Where to transfer the money to, while that is waited for."""
    if attempt is None or not attempt.is_open or attempt.method != Attempt.Method.BANK_TRANSFER:
        return None
    payment = attempt.payment
    asked = transfer_instructions(payment)
    return {
        "amount": format_money(asked.amount, asked.currency),
        "arrived": format_money(payment.amount - asked.amount, asked.currency)
        if asked.amount < payment.amount
        else "",
        "holder": asked.holder,
        "iban": spaced(asked.iban),
        "bic": asked.bic,
        "reference": spaced(asked.reference),
        "until": day(order.expires_at) if order.expires_at else "",
    }


def _done(order: Order) -> Mapping[str, object]:
    price = promised_price(order, now=timezone.now())
    invoice = Invoice.objects.filter(reference=reference_of(order)).prefetch_related("lines").first()
    later = price.effective == pricing.Effective.PERIOD_END
    scheduled = ScheduledChange.objects.filter(reference=reference_of(order)).first()
    next_bill = price.next_bill
    return {
        "later": later,
        "scheduled": scheduled.state if later and scheduled else "",
        "effective": day(price.effective_at) if price.effective_at else "",
        "invoice": invoice,
        "bill": bill_of(invoice) if invoice else None,
        "next_date": day(next_bill.at) if next_bill else "",
        "next_amount": format_money(next_bill.due, order.membership.currency) if next_bill else "",
        "since": f"{day(order.settled_at)}, {clock(order.settled_at)}" if order.settled_at else "",
        "limits": _limits_moved(order),
    }


def _undone(order: Order) -> Mapping[str, object]:
    """What was given back, and where it went."""
    document = Invoice.objects.filter(reference=undo_reference_of(order)).prefetch_related("lines").first()
    kept = (
        Refund.objects.filter(credit_note=document, state=Refund.State.FAILED).exists() if document else False
    )
    refunded = document.refunded if document and not kept else 0
    return {
        "invoice": document,
        "bill": bill_of(document) if document else None,
        "undone": f"{day(order.undone_at)}, {clock(order.undone_at)}" if order.undone_at else "",
        "to_card": format_money(refunded, order.membership.currency) if refunded else "",
        "kept": kept,
        "limits": _limits_moved(order, back=True),
    }


def _limits_moved(order: Order, *, back: bool = False) -> list[dict[str, object]]:
    """What may be used since the order, or will be, beside what might be before; the other way round for one that was
    undone, `back`."""
    try:
        asked, price = promised(order, now=timezone.now())
    except QuoteBroken:  # of an older way to price: what was had then is not known any more
        return []
    had, has = limits_of_states(order.membership, [asked.membership, price.after])
    if price.effective == pricing.Effective.PERIOD_END:
        later = limits_together((pick.product, pick.quantity) for pick in picks_of(order.quote))
        has = later + given_beside(order.membership)
    if back:
        had, has = has, had
    shown = shown_limits(after=has, before=had if asked.membership else None)
    return [{"icon": ICONS.get(limit.kind, "check"), "limit": limit} for limit in shown]


def _plan(order: Order) -> str:
    """The plan the membership has now, whatever was asked for."""
    item = order.membership.items.live().filter(product__type="plan").select_related("product").first()
    return item.product.name if item else ""
