from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from memberships.models import WalletEntry
from products.admin.base import Admin, DateRange, ReadOnly, money


@admin.register(WalletEntry)
class WalletEntryAdmin(ReadOnly, Admin[WalletEntry]):
    """A ledger: entries are added by what happens, never changed."""

    list_display = ("created_at", "membership", "amount_money", "reason", "note", "actor")
    list_select_related = ("membership__customer__user", "actor")
    list_filter = ("reason", ("created_at", DateRange))
    search_fields = ("membership__customer__user__email", "reference", "note")
    fields = ("membership", "amount_money", "reason", "note", "reference", "actor", "created_at")
    readonly_fields = fields

    amount_money = money("amount", description=_("amount"), currency="membership.currency")
