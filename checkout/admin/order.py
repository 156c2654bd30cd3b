from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar, cast

from django.contrib import admin
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from checkout.admin import compare, mail_link
from checkout.models import Order
from checkout.models.order import OrderQuerySet
from memberships.models import Payment
from products import currencies
from products.admin.base import (
    NOTHING,
    Admin,
    DateRange,
    Inline,
    ReadOnly,
    action,
    display,
    named_by,
    state_badge,
)
from products.admin.export import Column, Exportable, Rows, column
from products.admin.totals import Totalled
from products.admin.within import LongerThan, within
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


class Unpaid(LongerThan):
    title = _("unpaid")

    def queryset(self, _request: HttpRequest, orders: QuerySet[Order]) -> QuerySet[Order]:
        before = self.before()
        return (
            orders if before is None else cast("OrderQuerySet", orders).open().filter(created_at__lt=before)
        )


class Placed(admin.SimpleListFilter):
    """Who placed an order."""

    title = _("placed by")
    parameter_name = "placed"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("customer", _("the customer")),
            ("staff", _("staff, on their behalf")),
            ("schedule", _("the schedule: renewals")),
        ]

    def queryset(self, _request: HttpRequest, orders: QuerySet[Order]) -> QuerySet[Order]:
        of_customer = Q(placed_by=F("membership__customer__user"))
        match self.value():
            case "customer":
                return orders.filter(of_customer)
            case "staff":
                return orders.exclude(placed_by=None).exclude(of_customer)
            case "schedule":
                return orders.filter(placed_by=None)
            case _:
                return orders


def _in_major_units(order: Order) -> Decimal | None:
    return currencies.to_major(order.payment.amount, order.payment.currency) if order.payment else None


class OrderFile(Rows):
    created_at = column(_("created"), "created_at")
    customer = column(_("customer"), "membership.customer")
    email = column(_("e-mail address"), "membership.customer.user.email")
    headline = column(_("order"), "headline")
    currency = column(_("currency"), "membership.currency")
    amount = Column(_("amount"), _in_major_units)
    state = Column(_("state"), lambda order: order.get_state_display())
    settled_at = column(_("settled"), "settled_at")
    placed_by = column(_("placed by"), "placed_by")
    uid = column(_("identifier"), "uid")


@admin.register(Order)
class OrderAdmin(ReadOnly, Totalled, Exportable, Admin[Order]):
    resource_classes = (OrderFile,)
    totals: ClassVar[Mapping[str, Any]] = {"payment__amount": _("amount")}
    totals_currency = "payment__currency"
    list_display = ("created_at", "headline", "membership", "amount", "state_label", "settled_at")
    list_display_links = ("created_at", "headline")
    list_filter = (
        *(ToLookAt, Unpaid, "state", "payment__state", Placed, within("created_at")),
        ("created_at", DateRange),
    )
    search_fields = ("uid", "membership__customer__user__email")
    fields = (
        *("headline", "membership", "amount", "state_label", "created_at", "expires_at", "settled_at"),
        *("payment", "quote", "placed_by", "reason", "uid"),
    )
    readonly_fields = fields
    actions_detail: ClassVar[tuple[str, ...]] = ("compare", "mail_link")

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

    def has_mail_link_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        waiting = named_by(Order.objects.open().filter(payment__state=Payment.State.OPEN), object_id)
        return request.user.has_perm("checkout.add_order") and waiting.exists()

    @action(
        description=_("Mail a link to pay"),
        url_path="mail-link",
        permissions=["mail_link"],
        icon="forward_to_inbox",
    )
    def mail_link(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return mail_link.page(self, request, object_id)

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
