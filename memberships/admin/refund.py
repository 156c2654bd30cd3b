from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from memberships.admin import colours
from memberships.models import Refund
from products.admin.base import Admin, DateRange, ReadOnly, display, money, state_badge
from products.admin.export import Column, Exportable, Rows, amount_column, column
from products.admin.totals import Totalled
from products.admin.within import within


class RefundFile(Rows):
    created_at = column(_("created"), "created_at")
    customer = column(_("customer"), "payment.membership.customer")
    email = column(_("e-mail address"), "payment.membership.customer.user.email")
    currency = column(_("currency"), "payment.currency")
    amount = amount_column(_("amount"), "amount", currency="payment.currency")
    state = Column(_("state"), lambda refund: refund.get_state_display())
    settled_at = column(_("settled"), "settled_at")
    reason = column(_("reason"), "reason")
    refusal = column(_("refusal"), "refusal")
    credit_note = column(_("credit note"), "credit_note")
    actor = column(_("by"), "actor")
    gateway_ref = column(_("gateway reference"), "gateway_ref")


@admin.register(Refund)
class RefundAdmin(ReadOnly, Totalled, Exportable, Admin[Refund]):
    """Money on its way back. A refund is begun on the page of its payment."""

    resource_classes = (RefundFile,)
    totals: ClassVar[Mapping[str, Any]] = {"amount": _("amount")}
    totals_currency = "payment__currency"
    list_display = ("created_at", "customer", "amount_money", "state_label", "reason", "credit_note", "actor")
    list_select_related = ("payment__membership__customer__user", "credit_note", "actor")
    list_filter = ("state", within("created_at"), ("created_at", DateRange))
    search_fields = (
        *("uid", "gateway_ref", "reason", "payment__reference", "credit_note__number"),
        "payment__membership__customer__user__email",
    )
    search_help_text = _("Customer's e-mail address, reason, credit note or gateway reference")
    fields = (
        *("payment", "amount_money", "state_label", "refusal", "reason", "credit_note", "actor"),
        *("gateway_ref", "uid", "created_at", "settled_at"),
    )
    readonly_fields = fields

    amount_money = money("amount", description=_("amount"), currency="payment.currency")
    state_label = state_badge(colours.REFUND)

    @display(description=_("customer"))
    def customer(self, refund: Refund) -> str:
        return str(refund.payment.membership.customer)
