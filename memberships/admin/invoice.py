from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from memberships.models import Invoice, InvoiceLine
from products.admin.base import Admin, DateRange, Inline, ReadOnly, display, money, percent
from products.money_display import format_money


class InvoiceLineInline(ReadOnly, Inline[InvoiceLine]):
    model = InvoiceLine
    fields = (
        *(
            "description",
            "quantity",
            "gross_money",
            "discount_money",
            "net_money",
            "rate",
            "tax_money",
        ),
        *("covers_start", "covers_end"),
    )
    readonly_fields = fields
    tab = True

    gross_money = money("gross", description=_("gross"), currency="invoice.currency")
    discount_money = money("discount", description=_("discount"), currency="invoice.currency")
    net_money = money("net", description=_("net"), currency="invoice.currency")
    tax_money = money("tax", description=_("tax"), currency="invoice.currency")
    rate = percent("tax_percent", description=_("tax rate"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[InvoiceLine]:
        return super().get_queryset(request).select_related("invoice")


@admin.register(Invoice)
class InvoiceAdmin(ReadOnly, Admin[Invoice]):
    """A bill stays as it was issued."""

    list_display = ("number", "issued_at", "customer_name", "headline", "total_money", "due_money")
    list_filter = (("issued_at", DateRange),)
    search_fields = ("number", "customer_name", "membership__customer__user__email", "reference")
    list_select_related = ("membership__customer__user",)
    fields = (
        *("number", "issued_at", "headline", "membership", "customer_name", "customer_details"),
        *("net_money", "tax_money", "total_money", "wallet_used_money", "wallet_added_money", "due_money"),
        *("payment", "reference", "uid"),
    )
    readonly_fields = fields
    inlines = (InvoiceLineInline,)

    net_money = money("net", description=_("net"))
    tax_money = money("tax", description=_("tax"))
    wallet_used_money = money("wallet_used", description=_("from the wallet"))
    wallet_added_money = money("wallet_added", description=_("to the wallet"))
    due_money = money("due", description=_("due"))

    @display(description=_("total"))
    def total_money(self, invoice: Invoice) -> str:
        return format_money(invoice.total, invoice.currency)
