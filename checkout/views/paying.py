"""From an order to its payment: the saved card, the gateway's page, or a bank transfer."""

from collections.abc import Sequence

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from checkout.models import Order
from checkout.operations.pay import pay
from checkout.operations.transfer import await_transfer
from memberships.billing.gateway import GatewayRefused, GatewayUnavailable
from memberships.models import Customer, Payment, PaymentMethod
from memberships.operations.collection import PaymentNotOpen
from memberships.operations.transfers import transfers_are_offered
from products import pricing

ANOTHER_CARD = "other"
TRANSFER = "transfer"
FIRST = frozenset({pricing.Kind.NEW, pricing.Kind.TRIAL})


def cards_of(customer: Customer) -> Sequence[PaymentMethod]:
    """The saved cards, the default one first."""
    return list(customer.payment_methods.all())


def chosen_card(request: HttpRequest, customer: Customer) -> PaymentMethod | None:
    """The saved card that the form names, if it is this customer's; None for the gateway's page."""
    named = request.POST.get("card", ANOTHER_CARD)
    if not named.isdecimal() or len(named) > 18:  # noqa: PLR2004 - more digits than any id
        return None
    return customer.payment_methods.filter(pk=int(named)).first()


def to_payment(request: HttpRequest, order: Order, *, card: PaymentMethod | None) -> HttpResponse:
    """Start or continue paying for `order`; where there is nothing (more) to pay, its result page."""
    result = redirect(_result_page(order), uid=order.uid)
    if order.payment is None or order.payment.state != Payment.State.OPEN or order.state != Order.State.OPEN:
        return result
    if request.POST.get("card") == TRANSFER and transfers_are_offered():
        return _to_instructions(request, order)
    try:
        attempt = pay(order=order, card=card, return_url=return_url(order), now=timezone.now())
    except PaymentNotOpen:
        return result
    except (GatewayUnavailable, GatewayRefused):
        messages.error(request, _unanswered(card))
        return result
    if attempt.is_open and attempt.url:
        return leave_for(request, attempt.url)
    return result


def _to_instructions(request: HttpRequest, order: Order) -> HttpResponse:
    """The order's page, which says where to transfer the money to."""
    try:
        await_transfer(order=order, now=timezone.now())
    except PaymentNotOpen:
        pass  # the page says what became of it
    except (GatewayUnavailable, GatewayRefused):
        messages.error(
            request, _("The bank could not be reached to stop the payment by card. Please try again.")
        )
    return redirect("checkout:order", uid=order.uid)


def _unanswered(card: PaymentMethod | None) -> str:
    """A card may have been charged before the answer was lost, so nothing is said of it that is not known."""
    if card is None:
        return _("The payment page could not be reached. Nothing was charged; please try again.")
    return _("The bank has not answered yet. We keep asking; here you see what became of it.")


def leave_for(request: HttpRequest, url: str, *, to_pay: bool = True) -> HttpResponse:
    """Send the browser to the gateway's page at `url`, to pay there or only to save a card.

    By a page that moves on by itself: our Content-Security-Policy lets forms lead to this host only, and
    that includes where they are redirected to.
    """
    return render(request, "pages/to_payment.html", {"url": url, "to_pay": to_pay})


def return_url(order: Order) -> str:
    """Where the customer comes back to from the gateway's page."""
    return f"{settings.NETWORK_ORIGIN}{reverse(_result_page(order), args=[order.uid])}"


def _result_page(order: Order) -> str:
    """A first order leads on to the site that comes with it."""
    return "checkout:welcome" if order.kind in FIRST else "checkout:order"
