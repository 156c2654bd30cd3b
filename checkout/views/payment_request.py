"""The payment request of an open order as a file: what to pay, how, and why."""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import translation
from django.utils.text import slugify
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

from checkout.models import Order
from checkout.operations.quote import picks_of
from checkout.views.owned import signed_in
from checkout.views.prices import names_of
from memberships.bills import bill_of_quote
from memberships.documents.document import Document
from memberships.documents.payment_request import payment_request
from memberships.models import Payment
from memberships.operations.terms import terms_of
from memberships.story import intent
from memberships.views.invoices import language_of, may_see, pdf_file
from products import pricing


@cache_control(private=True, no_store=True)
@login_required
@require_GET
def file(request: HttpRequest, uid: UUID) -> HttpResponse:
    """In the customer's language; not found for anybody else's order, or for one that waits for no money."""
    user = signed_in(request)
    seen = Order.objects.all() if may_see(user, "checkout.view_order") else Order.objects.owned_by(user)
    order = get_object_or_404(
        seen.open().select_related(
            "membership__customer__user", "payment__membership__customer__user", "quote"
        ),
        uid=uid,
    )
    if order.payment is None or order.payment.state != Payment.State.OPEN:
        raise Http404
    language = language_of(order.membership.customer)
    with translation.override(language):
        document = _document(order, order.payment, language)
        return pdf_file(document.pdf(), name=f"{slugify(document.title)}-{order.payment.reference}.pdf")


def _document(order: Order, payment: Payment, language: str) -> Document:
    asked, names = (
        pricing.scenario_from_json(order.quote.scenario),
        names_of(terms_of(order.membership), picks_of(order.quote)),
    )
    return payment_request(
        payment,
        bill=bill_of_quote(asked=asked, price=order.quote.price, names=names),
        headline=intent(kind=order.kind, came_from=order.came_from, went_to=order.went_to),
        due_at=_due_at(order),
        pay_url=f"{settings.NETWORK_ORIGIN}{reverse('checkout:order', args=[order.uid])}",
        language=language,
    )


def _due_at(order: Order) -> datetime:
    """Until when an order waits for its money; a renewal's is due with the period that it is for."""
    return order.expires_at or order.created_at
