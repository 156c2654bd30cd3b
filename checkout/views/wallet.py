"""The wallet as its owner reads it: what came and went, why, and what was left each time; newest first."""

from typing import Any

from django.db.models import F, Sum, Value, Window

from checkout.views.pages import page_of
from memberships.models import Membership, WalletEntry
from memberships.models.transfer import passed_on_after
from products.date_display import day
from products.money_display import format_money

SHOWN = 20


def wallet_of(membership: Membership, *, balance: int, page: str) -> dict[str, Any]:
    """`page` is the number of the page as the address has it. What moved before the customer had the membership is in
    the balance and not told. One query."""
    told = WalletEntry.objects.of(membership).filter(~passed_on_after("created_at"))
    later = Window(Sum("amount")) - Window(Sum("amount"), order_by=F("id").asc())
    entries = told.annotate(balance=Value(balance) - later).order_by("-id")
    shown = page_of(entries, number=page, size=SHOWN)
    return {
        "wallet": format_money(balance, membership.currency),
        "wallet_owes": balance < 0,
        "wallet_entries": [_texts(entry, membership.currency) for entry in shown.rows],
        "wallet_page": shown,
    }


def _texts(entry: Any, currency: str) -> dict[str, Any]:
    written = entry.note if entry.reason == WalletEntry.Reason.ADJUSTMENT else ""
    return {
        "day": day(entry.created_at),
        "reason": written or entry.get_reason_display(),
        "amount": format_money(entry.amount, currency),
        "balance": format_money(entry.balance, currency),
    }
