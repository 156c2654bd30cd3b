"""An invoice or a credit note on paper."""

from collections.abc import Iterator

from django.utils import translation
from django.utils.text import slugify
from django.utils.translation import gettext as _

from memberships.bills import bill_of
from memberships.documents.document import Document
from memberships.models import Invoice
from memberships.parties import Party, spaced
from products.date_display import day


def invoice_pdf(invoice: Invoice, *, language: str) -> bytes:
    """`invoice` as it was issued, with its labels in `language`; the same bytes each time."""
    with translation.override(language):
        return _document(invoice, language).pdf()


def invoice_file_name(invoice: Invoice, *, language: str) -> str:
    """What the file is called when it is kept: `invoice-2026-00012.pdf`."""
    with translation.override(language):
        return f"{slugify(invoice.get_type_display())}-{invoice.number}.pdf"


def _document(invoice: Invoice, language: str) -> Document:
    return Document(
        title=invoice.get_type_display(),
        number=invoice.number,
        language=language,
        made_at=invoice.issued_at,
        seller=Party(name=invoice.seller_name, details=invoice.seller_details),
        buyer=Party(name=invoice.customer_name, details=invoice.customer_details),
        facts=tuple(_facts(invoice)),
        headline=invoice.headline,
        bill=bill_of(invoice),
        total_label=_total_label(invoice),
        notes=tuple(_notes(invoice)),
    )


def _facts(invoice: Invoice) -> Iterator[tuple[str, str]]:
    yield _("Number"), invoice.number
    yield _("Date"), day(invoice.issued_at)
    if invoice.corrects is not None:
        yield _("Corrects"), invoice.corrects.number
    if invoice.payment is not None:
        if invoice.payment.settled_at is not None:
            yield _("Paid on"), day(invoice.payment.settled_at)
        yield _("Payment reference"), spaced(invoice.payment.reference)


def _total_label(invoice: Invoice) -> str:
    if invoice.refunded:
        return _("Refunded")
    return _("Paid") if invoice.due else _("To pay")


def _notes(invoice: Invoice) -> Iterator[str]:
    if invoice.corrects is not None:
        yield _("This document takes back invoice %(number)s of %(date)s, in whole or in part.") % {
            "number": invoice.corrects.number,
            "date": day(invoice.corrects.issued_at),
        }
    if invoice.reverse_charge:
        yield _("VAT reverse charged: the customer accounts for it (Article 196 of Directive 2006/112/EC).")
