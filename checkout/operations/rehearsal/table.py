"""A rehearsal as people read it: on the admin's page and in the terminal."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from checkout.operations.rehearsal import Rehearsal
from products.date_display import day
from products.money_display import format_money

NOTHING = "\N{EN DASH}"


def table_of(rehearsal: Rehearsal, currency: str) -> dict[str, Any]:
    """Headers, and rows of texts."""
    return {
        "headers": [_("date"), _("what"), _("amount"), _("state"), _("next bill"), _("mail")],
        "rows": [
            [
                day(row.at),
                row.what,
                NOTHING if row.amount is None else format_money(row.amount, currency),
                row.state,
                _next_bill(row.next_amount, row.next_at, currency),
                row.mail,
            ]
            for row in rehearsal.rows
        ],
    }


def _next_bill(amount: int | None, at: datetime | None, currency: str) -> str:
    if amount is None or at is None:
        return NOTHING
    return _("%(amount)s on %(date)s") % {"amount": format_money(amount, currency), "date": day(at)}
