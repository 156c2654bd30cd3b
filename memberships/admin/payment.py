from typing import ClassVar

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from memberships.admin import colours, enter_receipt, give_back
from memberships.models import Attempt, Payment, Receipt, Refund
from products.admin.base import Admin, DateRange, Inline, ReadOnly, action, money, state_badge


class AttemptInline(ReadOnly, Inline[Attempt]):
    model = Attempt
    fields = ("number", "method", "state_label", "refusal", "gateway_ref", "uid", "started_at", "finished_at")
    readonly_fields = fields
    ordering = ("number",)
    tab = True

    state_label = state_badge(colours.ATTEMPT)


class ReceiptInline(ReadOnly, Inline[Receipt]):
    model = Receipt
    fields = ("received_at", "amount_money", "bank_reference", "actor", "created_at")
    readonly_fields = fields
    tab = True

    amount_money = money("amount", description=_("amount"), currency="payment.currency")


class RefundInline(ReadOnly, Inline[Refund]):
    model = Refund
    fields = ("created_at", "amount_money", "state_label", "reason", "refusal", "credit_note", "actor")
    readonly_fields = fields
    tab = True

    amount_money = money("amount", description=_("amount"), currency="payment.currency")
    state_label = state_badge(colours.REFUND)


@admin.register(Payment)
class PaymentAdmin(ReadOnly, Admin[Payment]):
    list_display = ("created_at", "membership", "purpose", "amount_money", "state_label", "settled_at")
    list_select_related = ("membership__customer__user",)
    list_filter = ("state", ("created_at", DateRange))
    search_fields = ("uid", "reference", "membership__customer__user__email", "attempts__gateway_ref")
    search_help_text = _("Identifier, payment reference, customer's e-mail address or gateway reference")
    fields = (
        *("membership", "purpose", "amount_money", "state_label", "captured_money", "reference"),
        *("failed_tries", "next_try_at", "uid", "created_at", "settled_at"),
    )
    readonly_fields = fields
    inlines = (AttemptInline, ReceiptInline, RefundInline)
    actions_detail: ClassVar[tuple[str, ...]] = ("enter_receipt", "give_back")

    amount_money = money("amount", description=_("amount"))
    captured_money = money("captured", description=_("captured"))
    state_label = state_badge(colours.PAYMENT)

    def has_enter_receipt_permission(self, request: HttpRequest, _object_id: str | None = None) -> bool:
        return request.user.has_perm("memberships.add_receipt")

    @action(
        description=_("Enter a bank transfer"),
        url_path="receipt",
        permissions=["enter_receipt"],
        icon="account_balance",
    )
    def enter_receipt(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return enter_receipt.page(self, request, object_id)

    def has_give_back_permission(self, request: HttpRequest, _object_id: str | None = None) -> bool:
        return request.user.has_perm("memberships.add_refund")

    @action(description=_("Refund"), url_path="refund", permissions=["give_back"], icon="undo")
    def give_back(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return give_back.page(self, request, object_id)
