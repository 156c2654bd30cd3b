from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from checkout.models import Order
from memberships.admin.membership import MembershipAdmin
from products.admin.base import NOTHING, Admin, DateRange, Inline, ReadOnly, display, state_badge
from products.money_display import format_money

COLOURS = {
    Order.State.OPEN: "warning",
    Order.State.FULFILLED: "success",
    Order.State.CREDITED: "info",
    Order.State.EXPIRED: "danger",
}


@admin.register(Order)
class OrderAdmin(ReadOnly, Admin[Order]):
    list_display = ("created_at", "headline", "membership", "amount", "state_label", "settled_at")
    list_display_links = ("created_at", "headline")
    list_filter = ("state", "payment__state", ("created_at", DateRange))
    search_fields = ("uid", "membership__customer__user__email")
    fields = (
        *("headline", "membership", "amount", "state_label", "created_at", "expires_at", "settled_at"),
        *("payment", "quote", "placed_by", "uid"),
    )
    readonly_fields = fields

    state_label = state_badge(COLOURS)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        return (
            super().get_queryset(request).select_related("membership__customer__user", "payment", "placed_by")
        )

    @display(description=_("order"))
    def headline(self, order: Order) -> str:
        return str(order)

    @display(description=_("amount"))
    def amount(self, order: Order) -> str:
        return format_money(order.payment.amount, order.payment.currency) if order.payment else NOTHING


class OrderInline(ReadOnly, Inline[Order]):
    """A membership's orders, on its page."""

    model = Order
    fields = ("created_at", "headline", "amount", "state_label", "settled_at")
    readonly_fields = fields
    show_change_link = True
    tab = True

    state_label = state_badge(COLOURS)
    headline = OrderAdmin.headline
    amount = OrderAdmin.amount

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        return super().get_queryset(request).select_related("payment")


MembershipAdmin.inlines = (*MembershipAdmin.inlines, OrderInline)
