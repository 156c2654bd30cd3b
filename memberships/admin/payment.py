from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from memberships.admin import colours
from memberships.models import Attempt, Payment
from products.admin.base import Admin, DateRange, Inline, ReadOnly, money, state_badge


class AttemptInline(ReadOnly, Inline[Attempt]):
    model = Attempt
    fields = ("number", "method", "state_label", "refusal", "gateway_ref", "uid", "started_at", "finished_at")
    readonly_fields = fields
    ordering = ("number",)
    tab = True

    state_label = state_badge(colours.ATTEMPT)


@admin.register(Payment)
class PaymentAdmin(ReadOnly, Admin[Payment]):
    list_display = ("created_at", "membership", "purpose", "amount_money", "state_label", "settled_at")
    list_select_related = ("membership__customer__user",)
    list_filter = ("state", ("created_at", DateRange))
    search_fields = ("uid", "membership__customer__user__email", "attempts__gateway_ref")
    search_help_text = _("Identifier, customer's e-mail address or gateway reference")
    fields = (
        *("membership", "purpose", "amount_money", "state_label", "captured_money"),
        *("uid", "created_at", "settled_at"),
    )
    readonly_fields = fields
    inlines = (AttemptInline,)

    amount_money = money("amount", description=_("amount"))
    captured_money = money("captured", description=_("captured"))
    state_label = state_badge(colours.PAYMENT)
