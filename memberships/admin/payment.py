from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from memberships.admin import colours, enter_receipt, give_back
from memberships.models import Attempt, Payment, Receipt, Refund
from products.admin.base import Admin, DateRange, Inline, ReadOnly, action, money, state_badge
from products.admin.export import Column, Exportable, Rows, amount_column, column
from products.admin.totals import Totalled
from products.admin.within import LongerThan, within


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


class Unpaid(LongerThan):
    title = _("unpaid")

    def queryset(self, _request: HttpRequest, payments: QuerySet[Payment]) -> QuerySet[Payment]:
        before = self.before()
        if before is None:
            return payments
        return payments.filter(state=Payment.State.OPEN, created_at__lt=before)


class ToAskAbout(admin.SimpleListFilter):
    """What the state alone does not tell."""

    title = _("to look at")
    parameter_name = "look"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("tried_again", _("the saved card is tried again")),
            ("failed_at_first", _("failed at first, paid later")),
            ("without_bill", _("paid, without an invoice")),
            ("given_back", _("given back, in part or whole")),
        ]

    def queryset(self, _request: HttpRequest, payments: QuerySet[Payment]) -> QuerySet[Payment]:
        paid = payments.filter(state=Payment.State.PAID)
        match self.value():
            case "tried_again":
                return payments.filter(next_try_at__isnull=False)
            case "failed_at_first":
                failed = Attempt.objects.filter(payment=OuterRef("pk"), state=Attempt.State.FAILED)
                return paid.filter(Exists(failed))
            case "without_bill":
                return paid.filter(invoice=None)
            case "given_back":
                gone = Refund.objects.filter(payment=OuterRef("pk")).exclude(state=Refund.State.FAILED)
                return paid.filter(Exists(gone))
            case _:
                return payments


class PaymentFile(Rows):
    created_at = column(_("created"), "created_at")
    customer = column(_("customer"), "membership.customer")
    email = column(_("e-mail address"), "membership.customer.user.email")
    purpose = column(_("purpose"), "purpose")
    currency = column(_("currency"), "currency")
    amount = amount_column(_("amount"), "amount")
    captured = amount_column(_("captured"), "captured")
    state = Column(_("state"), lambda payment: payment.get_state_display())
    settled_at = column(_("settled"), "settled_at")
    failed_tries = column(_("failed tries"), "failed_tries")
    reference = column(_("reference"), "reference")
    uid = column(_("identifier"), "uid")


@admin.register(Payment)
class PaymentAdmin(ReadOnly, Totalled, Exportable, Admin[Payment]):
    resource_classes = (PaymentFile,)
    totals: ClassVar[Mapping[str, Any]] = {"amount": _("amount"), "captured": _("captured")}
    list_display = ("created_at", "membership", "purpose", "amount_money", "state_label", "settled_at")
    list_select_related = ("membership__customer__user",)
    list_filter = ("state", Unpaid, ToAskAbout, within("created_at"), ("created_at", DateRange))
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
