"""A bill as people read it: on the result page, in the mail and in the history, the same sentences and amounts."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from memberships.models import Invoice
from memberships.story import line_label
from products.money_display import format_money


@dataclass(frozen=True, slots=True, kw_only=True)
class BillLine:
    label: str
    amount: str
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    lines: tuple[BillLine, ...]
    total_label: str
    total: str
    into_wallet: str


def bill_of(invoice: Invoice) -> Bill:
    """The lines, the tax by rate, the wallet and what was paid, in the active language. One query, or none
    when the lines are prefetched."""
    currency = invoice.currency
    lines = list(invoice.lines.all())
    shown = [
        BillLine(
            label=line_label(type=line.type, product=line.description, quantity=line.quantity),
            amount=format_money(line.net, currency),
            why=line.explanation.get((get_language() or "en")[:2], ""),
        )
        for line in lines
    ]
    taxes: dict[Decimal, int] = defaultdict(int)
    for line in lines:
        taxes[line.tax_percent] += line.tax
    shown += [
        BillLine(
            label=_("Tax %(percent)s %%") % {"percent": number_format(percent.normalize())},
            amount=format_money(tax, currency),
        )
        for percent, tax in sorted(taxes.items())
        if tax
    ]
    if invoice.wallet_used:
        shown.append(
            BillLine(label=_("From your wallet"), amount=format_money(-invoice.wallet_used, currency))
        )
    return Bill(
        lines=tuple(shown),
        total_label=_("Paid") if invoice.due else _("Due today"),
        total=format_money(invoice.due, currency),
        into_wallet=format_money(invoice.wallet_added, currency) if invoice.wallet_added else "",
    )
