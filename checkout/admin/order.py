from typing import Any, ClassVar, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from checkout.admin import compare
from checkout.models import Order
from checkout.models.order import OrderQuerySet
from products.admin.base import NOTHING, Admin, DateRange, Inline, ReadOnly, action, display, state_badge
from products.money_display import format_money

COLOURS = {
    Order.State.OPEN: "warning",
    Order.State.FULFILLED: "success",
    Order.State.CREDITED: "info",
    Order.State.EXPIRED: "danger",
}


class ToLookAt(admin.SimpleListFilter):
    """Orders that a person should look at."""

    title = _("to look at")
    parameter_name = "look"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("paid_not_applied", _("paid and not applied")),
            ("suspicious", _("to hold against the gateway")),
        ]

    def queryset(self, _request: HttpRequest, orders: QuerySet[Order]) -> QuerySet[Order]:
        found = cast("OrderQuerySet", orders)
        match self.value():
            case "paid_not_applied":
                return found.paid_not_applied(at=timezone.now())
            case "suspicious":
                return found.suspicious(at=timezone.now())
            case _:
                return orders


@admin.register(Order)
class OrderAdmin(ReadOnly, Admin[Order]):
    list_display = ("created_at", "headline", "membership", "amount", "state_label", "settled_at")
    list_display_links = ("created_at", "headline")
    list_filter = (ToLookAt, "state", "payment__state", ("created_at", DateRange))
    search_fields = ("uid", "membership__customer__user__email")
    fields = (
        *("headline", "membership", "amount", "state_label", "created_at", "expires_at", "settled_at"),
        *("payment", "quote", "placed_by", "uid"),
    )
    readonly_fields = fields
    actions_detail: ClassVar[tuple[str, ...]] = ("compare",)

    state_label = state_badge(COLOURS)

    def has_compare_permission(self, request: HttpRequest, _object_id: str | None = None) -> bool:
        return request.user.has_perm("checkout.change_order")

    @action(
        description=_("Stripe says / we say"),
        url_path="compare",
        permissions=["compare"],
        icon="compare_arrows",
    )
    def compare(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return compare.page(self, request, object_id)

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
