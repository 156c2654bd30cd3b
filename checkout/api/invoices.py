"""Bills and credit notes, as they were issued."""

from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router
from pydantic import Field

from accounts.tokens.models import Scope
from checkout.api.authentication import Bearer, visible
from checkout.api.openapi import answers
from checkout.api.paging import After, Limit, Next, Since, page_of
from checkout.api.shapes import Instant, Minor, Shape, one_of
from memberships import models

router = Router(tags=["Invoices"])
Type = models.Invoice.Type


class InvoiceLine(Shape):
    type: str = Field(examples=["charge"])
    product: str = Field(description="The product's code.", examples=["premium"])
    description: str = Field(description="As it stands on the document.", examples=["Premium"])
    quantity: int
    net: Minor
    tax: Minor


class InvoiceSummary(Shape):
    id: UUID
    number: str = Field(examples=["2026-0042"])
    type: Annotated[Type, one_of(Type)]
    membership: UUID
    title: str = Field(description="What it is for, in your language.", examples=["Upgraded Free → Premium"])
    currency: str = Field(examples=["EUR"])
    net: Minor
    tax: Minor
    total: Minor
    due: Minor = Field(description="What was paid with money, after the wallet.")
    issued_at: Instant


class Invoice(InvoiceSummary):
    wallet_used: Minor
    wallet_added: Minor
    refunded: Minor
    reverse_charge: bool
    corrects: UUID | None = Field(description="The document that this one takes back, in whole or in part.")
    payment: UUID | None
    lines: list[InvoiceLine]


class Invoices(Shape):
    data: list[InvoiceSummary]
    next: Next


@router.get(
    "/invoices",
    response=answers({200: Invoices}, HTTPStatus.UNPROCESSABLE_ENTITY),
    auth=Bearer(Scope.INVOICES_READ),
    operation_id="list_invoices",
    summary="List invoices and credit notes",
)
def index(
    request: HttpRequest,
    *,
    membership: Annotated[UUID | None, Query(description="Of this membership only.")] = None,
    type: Annotated[Type | None, one_of(Type), Query(None, description="Of this type only.")] = None,  # noqa: A002 -- the API's own word
    issued_since: Annotated[Since | None, Query(description="Issued at this time or later.")] = None,
    limit: Limit = 50,
    after: After = None,
) -> Invoices:
    """The oldest first."""
    wanted = {"membership__uid": membership, "type": type, "issued_at__gte": issued_since}
    found = visible(models.Invoice.objects.select_related("membership"), request).filter(
        **{name: value for name, value in wanted.items() if value is not None}
    )
    rows, following = page_of(found, request, limit=limit, after=after)
    return Invoices(data=[InvoiceSummary(**_summary(row)) for row in rows], next=following)


@router.get(
    "/invoices/{invoice_id}",
    response=answers({200: Invoice}, HTTPStatus.NOT_FOUND),
    auth=Bearer(Scope.INVOICES_READ),
    operation_id="get_invoice",
    summary="See one invoice",
)
def details(request: HttpRequest, invoice_id: UUID) -> Invoice:
    """With its lines."""
    rows = models.Invoice.objects.select_related("membership", "payment", "corrects")
    invoice = get_object_or_404(visible(rows, request), uid=invoice_id)
    return Invoice(
        **_summary(invoice),
        wallet_used=invoice.wallet_used,
        wallet_added=invoice.wallet_added,
        refunded=invoice.refunded,
        reverse_charge=invoice.reverse_charge,
        corrects=invoice.corrects.uid if invoice.corrects else None,
        payment=invoice.payment.uid if invoice.payment else None,
        lines=[
            InvoiceLine(
                type=line.type,
                product=line.product.code,
                description=line.description,
                quantity=line.quantity,
                net=line.net,
                tax=line.tax,
            )
            for line in invoice.lines.select_related("product")
        ],
    )


def _summary(invoice: models.Invoice) -> dict[str, Any]:
    return {
        "id": invoice.uid,
        "number": invoice.number,
        "type": Type(invoice.type),
        "membership": invoice.membership.uid,
        "title": invoice.headline,
        "currency": invoice.currency,
        "net": invoice.net,
        "tax": invoice.tax,
        "total": invoice.total,
        "due": invoice.due,
        "issued_at": invoice.issued_at,
    }
