"""The wallet as its owner reads it: what came and went, why, and what was left each time; newest first."""

from typing import Any

from django.db.models import F, Sum, Window

from memberships.models import Membership, WalletEntry
from products.date_display import day
from products.money_display import format_money

SHOWN = 20


def wallet_of(membership: Membership, *, balance: int, page: str) -> dict[str, Any]:
    """`page` is a number as the address has it; what is none, or beyond the last one, is the first. One query."""
    number = _number(page)
    entries = _page(membership, number)
    if not entries and number > 1:
        number, entries = 1, _page(membership, 1)
    return {
        "wallet": format_money(balance, membership.currency),
        "wallet_owes": balance < 0,
        "wallet_entries": [_texts(entry, membership.currency) for entry in entries[:SHOWN]],
        "wallet_newer": number - 1,
        "wallet_older": number + 1 if len(entries) > SHOWN else 0,
    }


def _page(membership: Membership, number: int) -> list[WalletEntry]:
    """The entries of the page and one more; each with `balance`, the sum up to it."""
    running = Window(Sum("amount"), order_by=F("id").asc())
    entries = WalletEntry.objects.of(membership).annotate(balance=running).order_by("-id")
    return list(entries[(number - 1) * SHOWN : number * SHOWN + 1])


def _texts(entry: Any, currency: str) -> dict[str, Any]:
    written = entry.note if entry.reason == WalletEntry.Reason.ADJUSTMENT else ""
    return {
        "day": day(entry.created_at),
        "reason": written or entry.get_reason_display(),
        "amount": format_money(entry.amount, currency),
        "balance": format_money(entry.balance, currency),
    }


def _number(page: str) -> int:
    return max(int(page), 1) if page.isdecimal() and len(page) <= 6 else 1  # noqa: PLR2004 - more digits than pages
