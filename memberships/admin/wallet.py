from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from memberships.models import WalletEntry
from products.admin.base import Admin, DateRange, ReadOnly, money
from products.admin.export import Column, Exportable, Rows, amount_column, column
from products.admin.totals import Totalled
from products.admin.within import within


class Direction(admin.SimpleListFilter):
    """Which way an entry moves the wallet."""

    title = _("direction")
    parameter_name = "direction"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, Any]]:
        return [("in", _("credit given")), ("out", _("credit used or taken"))]

    def queryset(self, _request: HttpRequest, entries: QuerySet[WalletEntry]) -> QuerySet[WalletEntry]:
        match self.value():
            case "in":
                return entries.filter(amount__gt=0)
            case "out":
                return entries.filter(amount__lt=0)
            case _:
                return entries


class WalletFile(Rows):
    created_at = column(_("at"), "created_at")
    customer = column(_("customer"), "membership.customer")
    email = column(_("e-mail address"), "membership.customer.user.email")
    currency = column(_("currency"), "membership.currency")
    amount = amount_column(_("amount"), "amount", currency="membership.currency")
    reason = Column(_("reason"), lambda entry: entry.get_reason_display())
    note = column(_("note"), "note")
    actor = column(_("by"), "actor")
    reference = column(_("reference"), "reference")


@admin.register(WalletEntry)
class WalletEntryAdmin(ReadOnly, Totalled, Exportable, Admin[WalletEntry]):
    """A ledger: entries are added by what happens, never changed."""

    resource_classes = (WalletFile,)
    totals: ClassVar[Mapping[str, Any]] = {"amount": _("amount")}
    totals_currency = "membership__currency"
    list_display = ("created_at", "membership", "amount_money", "reason", "note", "actor")
    list_select_related = ("membership__customer__user", "actor")
    list_filter = ("reason", Direction, within("created_at"), ("created_at", DateRange))
    search_fields = ("membership__customer__user__email", "reference", "note")
    search_help_text = _("Customer's e-mail address, reference or note")
    ordering = ("-id",)
    fields = ("membership", "amount_money", "reason", "note", "reference", "actor", "created_at")
    readonly_fields = fields

    amount_money = money("amount", description=_("amount"), currency="membership.currency")
