"""Issue invoices and credit notes: numbered without gaps per year, lines exactly as priced, never changed again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.db import connection
from django.db.models import Sum
from django.db.models.functions import Coalesce
from django.utils import timezone, translation

from memberships.models import Customer, Invoice, InvoiceLine, Membership, MembershipItem, Payment
from memberships.operations.tax import is_reverse_charged
from memberships.parties import buyer, seller
from products import pricing
from products.pricing.corrections import Part, explain_taking_back, take_back

NEXT_NUMBERS = """
    INSERT INTO memberships_invoicecounter AS counter (year, last) VALUES (%s, %s)
    ON CONFLICT (year) DO UPDATE SET last = counter.last + excluded.last RETURNING last
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An invoice that is complete but for its number, and its lines. Nothing of it is written down yet."""

    invoice: Invoice
    lines: Sequence[InvoiceLine]


def draft_invoice(
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
) -> Draft:
    """`price`, as it was at `as_of`, as a bill that is issued `now`; below zero it is a credit note.

    `charged` and `credited` are the membership items by product code that charges and credits belong to; `explanations`
    holds per language one sentence a line, in the order of the lines.
    """
    customer = membership.customer
    with translation.override(customer.user.language or settings.LANGUAGE_CODE):
        sold_by, sold_to = seller(), buyer(customer)
    invoice = Invoice(
        type=_type_of(price.total),
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
        reverse_charge=_is_reverse_charged(price, customer),
        seller_name=sold_by.name,
        seller_details=sold_by.details,
        customer_name=sold_to.name,
        customer_details=sold_to.details,
        issued_at=now,
    )
    sold_at = {item.product: item.tax_rate for item in price.now_items}
    lines = [
        _line(
            invoice,
            line,
            item=(credited if line.type == pricing.LineType.CREDIT else charged)[line.product],
            sold_at=sold_at,
            price=price,
            explanation={language: sentences[number] for language, sentences in explanations.items()},
            as_of=as_of,
        )
        for number, line in enumerate(price.lines)
    ]
    return Draft(invoice=invoice, lines=lines)


def issue(drafts: Sequence[Draft], *, now: datetime) -> None:
    """Number `drafts` and write them down, in three statements. Call it inside the transaction that applies the
    changes, and late: until that is over nobody else gets a number."""
    for number, draft in zip(_numbers(now, len(drafts)), drafts, strict=True):
        draft.invoice.number = number
    Invoice.objects.bulk_create([draft.invoice for draft in drafts])
    InvoiceLine.objects.bulk_create([line for draft in drafts for line in draft.lines])


def issue_credit_note(
    *,
    invoice: Invoice,
    refund_total: int,
    reference: str,
    kind: str,
    refunded: int,
    wallet_added: int,
    now: datetime,
) -> Invoice:
    """Take `refund_total` minor units of `invoice` back, of every line in proportion; all that is left is its exact
    mirror. `refunded` of it goes to where it was paid from, `wallet_added` into the wallet. Call it inside the
    transaction that moves the money.

    A document below zero can be taken back as a whole, with negative figures; what comes of it is an invoice. Raises
    MoreThanIsLeft, and ValueError when the two ways do not make up the total.
    """
    if refunded + wallet_added != refund_total:
        raise ValueError(f"{refunded} and {wallet_added} are not {refund_total}.")
    Invoice.objects.select_for_update().get(pk=invoice.pk)  # what is left is counted by one at a time
    lines, left = _what_is_left(invoice)
    whole, parts = sum(part.total for part in left), take_back(left, refund_total)
    note = Invoice.objects.create(
        number=_numbers(now, 1)[0],
        type=_type_of(-refund_total),
        corrects=invoice,
        membership=invoice.membership,
        reference=reference,
        kind=kind,
        went_to=invoice.number,
        currency=invoice.currency,
        net=-sum(part.net for part in parts),
        tax=-sum(part.tax for part in parts),
        wallet_used=max(-wallet_added, 0),
        wallet_added=max(wallet_added, 0),
        refunded=refunded,
        due=0,
        reverse_charge=invoice.reverse_charge,
        seller_name=invoice.seller_name,
        seller_details=invoice.seller_details,
        customer_name=invoice.customer_name,
        customer_details=invoice.customer_details,
        issued_at=now,
    )
    InvoiceLine.objects.bulk_create(
        _correction(note, line, left=before, part=part, amount=refund_total, whole=whole)
        for line, before, part in zip(lines, left, parts, strict=True)
        if part.net or part.tax
    )
    return note


def _is_reverse_charged(price: pricing.Quote, customer: Customer) -> bool:
    """Whether the bill asks something of a customer who owes its tax themselves. A credit may still give tax back that
    was paid before."""
    asked = [line for line in price.lines if line.type != pricing.LineType.CREDIT]
    return bool(asked) and not any(line.tax for line in asked) and is_reverse_charged(customer)


def _line(
    invoice: Invoice,
    line: pricing.Line,
    *,
    item: MembershipItem,
    sold_at: Mapping[str, Decimal],
    price: pricing.Quote,
    explanation: Mapping[str, str],
    as_of: datetime,
) -> InvoiceLine:
    covers_start, covers_end = _covers(line, item, price, as_of)
    is_credit = line.type == pricing.LineType.CREDIT
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
        tax_percent=item.tax_percent if is_credit else sold_at[line.product],
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


def _what_is_left(invoice: Invoice) -> tuple[list[InvoiceLine], list[Part]]:
    """The lines of `invoice`, and of each what no document has taken back yet."""
    taken = {field: Coalesce(Sum(f"corrections__{field}"), 0) for field in ("net", "tax", "discount")}
    lines = list(
        invoice.lines.select_related("product").annotate(
            **{f"{field}_taken": total for field, total in taken.items()}
        )
    )
    left = [
        Part(**{field: getattr(line, field) + getattr(line, f"{field}_taken") for field in taken})
        for line in lines
    ]
    return lines, left


def _correction(
    note: Invoice, line: InvoiceLine, *, left: Part, part: Part, amount: int, whole: int
) -> InvoiceLine:
    """The mirror of `part` of `line`. It names the same item and time, so what was really paid stays a sum of lines."""
    asked = part.total if line.gross - line.discount == line.net + line.tax else part.net
    return InvoiceLine(
        invoice=note,
        corrects=line,
        item_id=line.item_id,
        product_id=line.product_id,
        type=line.type,
        description=line.description,
        quantity=line.quantity,
        gross=-(asked + part.discount),
        discount=-part.discount,
        net=-part.net,
        tax=-part.tax,
        tax_percent=line.tax_percent,
        covers_start=line.covers_start,
        covers_end=line.covers_end,
        explanation=explain_taking_back(
            invoice=note.went_to,
            name=line.description,
            left=left,
            part=part,
            amount=amount,
            whole=whole,
            currency=note.currency,
        ),
    )


def _type_of(total: int) -> Invoice.Type:
    return Invoice.Type.CREDIT_NOTE if total < 0 else Invoice.Type.INVOICE


def _numbers(now: datetime, count: int) -> list[str]:
    """The next numbers of the year that it is in the network's time zone. Other issuers of the year wait until this
    transaction is over: one that is rolled back leaves no gap."""
    year = timezone.localtime(now, timezone.get_default_timezone()).year
    with connection.cursor() as cursor:
        cursor.execute(NEXT_NUMBERS, [year, count])
        last = cursor.fetchone()[0]
    return [f"{year}-{number:05d}" for number in range(last - count + 1, last + 1)]
