"""Issue invoices: numbered without gaps per year, lines exactly as priced, never changed afterwards."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from memberships.models import Invoice, InvoiceCounter, InvoiceLine, Membership, MembershipItem, Payment
from products import pricing


def issue_invoice(
    *,
    membership: Membership,
    kind: str,
    came_from: str,
    went_to: str,
    price: pricing.Quote,
    charged: Mapping[str, MembershipItem],
    credited: Mapping[str, MembershipItem],
    explanations: Mapping[str, Sequence[str]],
    payment: Payment | None,
    reference: str,
    as_of: datetime,
    now: datetime,
) -> Invoice:
    """Write down `price`, as it was at `as_of`, as a bill issued `now`. Call it inside the transaction that
    applies the change.

    `charged` and `credited` are the membership items by product code that charges and credits belong to; `explanations`
    holds per language one sentence a line, in the order of the lines.
    """
    customer = membership.customer
    invoice = Invoice.objects.create(
        number=_next_number(now.year),
        membership=membership,
        payment=payment,
        reference=reference,
        kind=kind,
        came_from=came_from,
        went_to=went_to,
        currency=membership.currency,
        net=price.net,
        tax=price.tax,
        wallet_used=price.wallet_used,
        wallet_added=price.wallet_added,
        due=price.due_now,
        customer_name=str(customer),
        customer_details="\n".join(filter(None, [customer.address, customer.country, customer.vat_number])),
        issued_at=now,
    )
    InvoiceLine.objects.bulk_create(
        _line(
            invoice,
            line,
            item=(credited if line.type == pricing.LineType.CREDIT else charged)[line.product],
            price=price,
            explanation={language: sentences[number] for language, sentences in explanations.items()},
            as_of=as_of,
        )
        for number, line in enumerate(price.lines)
    )
    return invoice


def _line(
    invoice: Invoice,
    line: pricing.Line,
    *,
    item: MembershipItem,
    price: pricing.Quote,
    explanation: Mapping[str, str],
    as_of: datetime,
) -> InvoiceLine:
    covers_start, covers_end = _covers(line, item, price, as_of)
    return InvoiceLine(
        invoice=invoice,
        item=item,
        product=item.product,
        type=line.type,
        description=str(item.product),
        quantity=line.quantity,
        gross=line.gross,
        discount=line.discount,
        net=line.net,
        tax=line.tax,
        tax_percent=item.tax_percent,
        covers_start=covers_start,
        covers_end=covers_end,
        explanation=explanation,
    )


def _covers(
    line: pricing.Line, item: MembershipItem, price: pricing.Quote, as_of: datetime
) -> tuple[datetime | None, datetime | None]:
    """The time a line pays for: what is charged runs from `as_of` to the period's end; a credit gives back from
    `as_of` to the end of the period it was paid for. Setup fees and one-off items cover no time."""
    if line.type == pricing.LineType.SETUP_FEE or not item.price.is_recurring:
        return None, None
    if line.type == pricing.LineType.CREDIT:
        return as_of, item.membership.period_end
    return as_of, price.period.end if price.period else None


def _next_number(year: int) -> str:
    InvoiceCounter.objects.get_or_create(year=year)
    counter = InvoiceCounter.objects.select_for_update().get(year=year)
    counter.last += 1
    counter.save(update_fields=["last"])
    return f"{year}-{counter.last:05d}"
