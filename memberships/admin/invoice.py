from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from memberships.admin import colours
from memberships.models import Invoice, InvoiceCounter, InvoiceLine
from products.admin.base import (
    Admin,
    Autocomplete,
    DateRange,
    Inline,
    ReadOnly,
    badge,
    display,
    money,
    percent,
)
from products.admin.export import Column, Exportable, Rows, amount_column, column
from products.admin.totals import Totalled
from products.admin.within import within
from products.money_display import format_money


class InvoiceLineInline(ReadOnly, Inline[InvoiceLine]):
    model = InvoiceLine
    fields = (
        *("description", "quantity", "gross_money", "discount_money", "net_money", "rate", "tax_money"),
        *("covers_start", "covers_end", "why"),
    )
    readonly_fields = fields
    tab = True

    gross_money = money("gross", description=_("gross"), currency="invoice.currency")
    discount_money = money("discount", description=_("discount"), currency="invoice.currency")
    net_money = money("net", description=_("net"), currency="invoice.currency")
    tax_money = money("tax", description=_("tax"), currency="invoice.currency")
    rate = percent("tax_percent", description=_("tax rate"))

    @display(description=_("why"))
    def why(self, line: InvoiceLine) -> str:
        return str(line.explanation.get((get_language() or "en")[:2], ""))

    def get_queryset(self, request: HttpRequest) -> QuerySet[InvoiceLine]:
        return super().get_queryset(request).select_related("invoice")


class YearFilter(admin.SimpleListFilter):
    """The year in whose series a document is numbered."""

    title = _("year")
    parameter_name = "year"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, str]]:
        years = InvoiceCounter.objects.order_by("-year").values_list("year", flat=True)
        return [(str(year), str(year)) for year in years]

    def queryset(self, _request: HttpRequest, invoices: QuerySet[Invoice]) -> QuerySet[Invoice]:
        year = self.value()
        return invoices.filter(number__startswith=f"{year}-") if year else invoices


class InvoiceFile(Rows):
    number = column(_("number"), "number")
    issued_at = column(_("issued"), "issued_at")
    type = Column(_("type"), lambda invoice: invoice.get_type_display())
    headline = column(_("for"), "headline")
    customer_name = column(_("customer"), "customer_name")
    email = column(_("e-mail address"), "membership.customer.user.email")
    country = column(_("country"), "membership.customer.country")
    currency = column(_("currency"), "currency")
    net = amount_column(_("net"), "net")
    tax = amount_column(_("tax"), "tax")
    total = amount_column(_("total"), "total")
    wallet_used = amount_column(_("from the wallet"), "wallet_used")
    wallet_added = amount_column(_("to the wallet"), "wallet_added")
    refunded = amount_column(_("refunded"), "refunded")
    due = amount_column(_("due"), "due")
    reverse_charge = Column(
        _("reverse charge"), lambda invoice: _("yes") if invoice.reverse_charge else _("no")
    )


@admin.register(Invoice)
class InvoiceAdmin(ReadOnly, Totalled, Exportable, Admin[Invoice]):
    """A bill stays as it was issued."""

    resource_classes = (InvoiceFile,)
    totals: ClassVar[Mapping[str, Any]] = {
        "net": _("net"), "tax": _("tax"), "due": _("due"), "refunded": _("refunded"),
    }  # fmt: skip

    list_display = (
        *("number", "issued_at", "type_label", "customer_name", "headline"),
        *("total_money", "due_money", "refunded_money", "file"),
    )
    list_filter = (
        *("type", "reverse_charge", within("issued_at"), YearFilter),
        *(("membership", Autocomplete), ("issued_at", DateRange)),
    )
    search_fields = ("number", "customer_name", "membership__customer__user__email", "reference")
    list_select_related = ("membership__customer__user",)
    fields = (
        *("number", "type_label", "issued_at", "headline", "corrects", "file"),
        *("membership", "customer_name", "customer_details", "seller_name", "seller_details"),
        *("net_money", "tax_money", "reverse_charge", "total_money"),
        *("wallet_used_money", "wallet_added_money", "refunded_money", "due_money"),
        *("payment", "reference", "uid"),
    )
    readonly_fields = fields
    inlines = (InvoiceLineInline,)

    net_money = money("net", description=_("net"))
    tax_money = money("tax", description=_("tax"))
    wallet_used_money = money("wallet_used", description=_("from the wallet"))
    wallet_added_money = money("wallet_added", description=_("to the wallet"))
    refunded_money = money("refunded", description=_("refunded"))
    due_money = money("due", description=_("due"))

    @display(description=_("type"), ordering="type")
    def type_label(self, invoice: Invoice) -> SafeString:
        colour = colours.PLAIN if invoice.type == Invoice.Type.CREDIT_NOTE else ""
        return badge(invoice.get_type_display(), colour)

    @display(description=_("total"))
    def total_money(self, invoice: Invoice) -> str:
        return format_money(invoice.total, invoice.currency)

    @display(description=_("file"))
    def file(self, invoice: Invoice) -> SafeString:
        address = reverse("memberships:invoice_pdf", args=[invoice.uid])
        return format_html('<a class="text-primary-600 dark:text-primary-500" href="{}">PDF</a>', address)
