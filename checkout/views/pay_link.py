"""The page behind a pay link: one bill, its amount, and the way to pay it. Whoever has the link sees that and nothing
else of the customer."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from checkout.links import order_behind, pay_link
from checkout.models import Order
from checkout.operations.pay import pay, reconcile
from checkout.operations.promise import promised_price
from checkout.views.paying import leave_for
from memberships.billing.gateway import GatewayRefused, GatewayUnavailable
from memberships.models import Attempt, Payment
from memberships.operations.collection import PaymentNotOpen
from memberships.story import intent
from products.date_display import span
from products.money_display import format_money

PAID = frozenset({Order.State.FULFILLED, Order.State.CREDITED, Order.State.UNDONE})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, token: str) -> HttpResponse:
    """GET says what is to be paid, or what became of it; POST leads to the gateway's page, which comes back here."""
    order = order_behind(token)
    if order is None or order.payment is None:
        raise Http404
    response = _to_the_gateway(request, order, token) if request.method == "POST" else _show(request, order)
    # The link stays here; with no referrer at all, browsers would call our own form's origin unknown.
    response["Referrer-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _show(request: HttpRequest, order: Order, *, unreachable: bool = False) -> HttpResponse:
    payment = order.payment
    assert payment is not None, "what costs nothing has no pay link"
    if request.method == "GET" and not unreachable:
        order, unreachable = _brought_up_to_date(order, payment)
    period = promised_price(order, now=timezone.now()).period
    context = {
        "amount": format_money(payment.amount, payment.currency),
        "what": intent(kind=order.kind, came_from=order.came_from, went_to=order.went_to),
        "period": span(period) if period else "",
        "arrived": format_money(arrived, payment.currency) if (arrived := payment.receipts.total()) else "",
        "reference": payment.reference,
        "can_be_paid": order.state == Order.State.OPEN and payment.state == Payment.State.OPEN,
        "is_paid": order.state in PAID,
        "unreachable": unreachable,
    }
    return render(
        request,
        "pages/pay_link.html",
        context,
        status=503 if unreachable and request.method == "POST" else 200,
    )


def _brought_up_to_date(order: Order, payment: Payment) -> tuple[Order, bool]:
    """Who comes back from the gateway's page waits for its answer; a page that nobody opened is not asked about."""
    under_way = payment.attempts.filter(method=Attempt.Method.HOSTED_PAGE, state=Attempt.State.WAITING)
    is_waiting = payment.state == Payment.State.OPEN and not under_way.exists()
    if order.state != Order.State.OPEN or is_waiting:
        return order, False
    try:
        return reconcile(order=order, now=timezone.now()), False
    except (GatewayUnavailable, GatewayRefused):
        return order, True


def _to_the_gateway(request: HttpRequest, order: Order, token: str) -> HttpResponse:
    here = redirect("checkout:pay_link", token=token)
    if order.state != Order.State.OPEN:
        return here
    try:
        attempt = pay(order=order, card=None, return_url=pay_link(order), now=timezone.now())
    except PaymentNotOpen:
        return here
    except (GatewayUnavailable, GatewayRefused):
        return _show(request, order, unreachable=True)
    return leave_for(request, attempt.url) if attempt.is_open and attempt.url else here
