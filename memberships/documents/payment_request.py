"""A payment request on paper: what is to be paid before an order takes effect. It is no invoice."""

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.network.live import network
from memberships.bills import Bill
from memberships.documents.document import Document
from memberships.models import Payment
from memberships.parties import buyer, seller, spaced
from products.date_display import day


def payment_request(
    payment: Payment, *, bill: Bill, headline: str, due_at: datetime, pay_url: str, language: str
) -> Document:
    """The request for `payment`, which `bill` explains, in the language that is active. `pay_url` is where it can be
    paid by card."""
    return Document(
        title=_("Payment request"),
        number="",
        language=language,
        made_at=payment.created_at,
        seller=seller(),
        buyer=buyer(payment.membership.customer),
        facts=(
            (_("Date"), day(payment.created_at)),
            (_("Pay before"), day(due_at)),
            (_("Payment reference"), spaced(payment.reference)),
        ),
        headline=headline,
        bill=bill,
        total_label=_("To pay"),
        notes=(_("This is not an invoice. You receive one when your payment has arrived."),),
        payment=tuple(_how_to_pay(payment, bill, pay_url)),
    )


def _how_to_pay(payment: Payment, bill: Bill, pay_url: str) -> Iterator[tuple[str, str]]:
    if network.seller_iban:
        yield _("Amount"), bill.total
        yield _("Name"), seller().name
        yield "IBAN", spaced(network.seller_iban)
        if network.seller_bic:
            yield "BIC", network.seller_bic
        yield _("Payment reference"), spaced(payment.reference)
    yield _("Online"), pay_url
