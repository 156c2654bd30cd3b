"""A payment request on paper: what is to be paid before an order takes effect. It is no invoice."""

from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _

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
    if settings.SELLER_IBAN:
        yield _("Amount"), bill.total
        yield _("Name"), seller().name
        yield "IBAN", spaced(settings.SELLER_IBAN)
        if settings.SELLER_BIC:
            yield "BIC", settings.SELLER_BIC
        yield _("Payment reference"), spaced(payment.reference)
    yield _("Online"), pay_url
