"""Invoices and credit notes as files, for their owner and the network's staff."""

from typing import cast
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

from accounts.models import User
from accounts.staff.second_factor import works_here
from memberships.documents.invoice import invoice_file_name, invoice_pdf
from memberships.models import Customer, Invoice


@cache_control(private=True, no_store=True)
@login_required
@require_GET
def invoice(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The document in its customer's language; not found for anybody else's."""
    user = cast("User", request.user)
    seen = (
        Invoice.objects.all() if may_see(user, "memberships.view_invoice") else Invoice.objects.owned_by(user)
    )
    found = get_object_or_404(
        seen.select_related("membership__customer__user", "payment", "corrects"), uid=uid
    )
    language = language_of(found.membership.customer)
    return pdf_file(invoice_pdf(found, language=language), name=invoice_file_name(found, language=language))


def may_see(user: User, permission: str) -> bool:
    """Whether `user` works for the network and may look at everybody's."""
    return works_here(user) and user.has_perm(permission)


def language_of(customer: Customer) -> str:
    return customer.user.language or settings.LANGUAGE_CODE


def pdf_file(content: bytes, *, name: str) -> HttpResponse:
    """A file to keep, that no cache keeps and no browser takes for anything else."""
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={
            "Content-Disposition": content_disposition_header(as_attachment=True, filename=name),
            "X-Content-Type-Options": "nosniff",
        },
    )
