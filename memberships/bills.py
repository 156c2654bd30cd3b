"""A price or a bill as people read it: on pages, in mails, in documents, in the history. One place makes the sentences,
amounts and dates, so that all of them say the same."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from memberships.models import Invoice, InvoiceLine
from memberships.story import line_label
from products import pricing
from products.date_display import day, span
from products.money_display import format_money


@dataclass(frozen=True, slots=True, kw_only=True)
class BillLine:
    """A line with its amount and why it is so. `less` marks money coming back. An entry also has its tax rate (`tax`,
    in percent) and, if it is discounted, its price before that."""

    label: str
    amount: str
    why: str = ""
    dates: str = ""
    less: bool = False
    price: str = ""
    discount: str = ""
    tax: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """What is asked or given back (`entries`), the tax in it by rate, and what the wallet has to do with it.

    `net` and `sum` are the totals without and with tax; `total` is what was or is to be paid, or was refunded. A quote
    also says what the next bill will be.
    """

    entries: tuple[BillLine, ...]
    taxes: tuple[BillLine, ...]
    wallet: tuple[BillLine, ...]
    includes_tax: bool
    net: str
    sum: str
    total_label: str
    total: str
    total_why: str = ""
    into_wallet: str = ""
    next_label: str = ""
    next_amount: str = ""
    next_why: str = ""

    @property
    def sums(self) -> tuple[BillLine, ...]:
        return (*self.taxes, *self.wallet)


def bill_of(invoice: Invoice) -> Bill:
    """An invoice or credit note in the active language. One query, or none when the lines are prefetched."""
    lines = list(invoice.lines.all())
    return _bill(
        [_figures_of(line) for line in lines],
        currency=invoice.currency,
        includes_tax=any(line.tax and line.gross - line.discount == line.net + line.tax for line in lines),
        wallet_used=invoice.wallet_used,
        wallet_added=invoice.wallet_added,
        total_label=_total_label(invoice),
        total=invoice.refunded or invoice.due,
    )


def bill_of_quote(*, asked: pricing.Scenario, price: pricing.Quote, names: Mapping[str, str]) -> Bill:
    """A price, and what it was asked for, in the active language. `names` is by product code."""
    why = pricing.explain(asked, price, _language(), names=names)
    bill = _bill(
        [
            _figures_in(asked, price, line, names, why)
            for line, why in zip(price.lines, why.lines, strict=True)
        ],
        currency=asked.currency,
        includes_tax=asked.policy.prices_include_tax,
        wallet_used=price.wallet_used,
        wallet_added=price.wallet_added,
        balance=asked.wallet,
        total_label=_("Due today"),
        total=price.due_now,
    )
    bill = replace(bill, total_why=why.due_now if price.lines else "")
    if price.next_bill is None:
        return bill
    return replace(
        bill,
        next_label=_("Next bill on %(date)s") % {"date": day(price.next_bill.at)},
        next_amount=format_money(price.next_bill.due, asked.currency),
        next_why=why.next_bill,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Figures:
    """A line in minor units, whether it comes from a quote or from an invoice."""

    label: str
    gross: int
    discount: int
    net: int
    tax: int
    tax_percent: Decimal
    covers: pricing.Period | None
    why: str
    gives_back: bool

    def amount(self, *, includes_tax: bool) -> int:
        return self.net + self.tax if includes_tax else self.net


def _figures_of(line: InvoiceLine) -> _Figures:
    label = line_label(type=line.type, product=line.description, quantity=line.quantity)
    covers = None
    if line.covers_start is not None and line.covers_end is not None:
        covers = pricing.Period(start=line.covers_start, end=line.covers_end)
    return _Figures(
        label=_("Refund: %(what)s") % {"what": label} if line.corrects_id else label,
        gross=line.gross,
        discount=line.discount,
        net=line.net,
        tax=line.tax,
        tax_percent=line.tax_percent,
        covers=covers,
        why=line.explanation.get(_language(), ""),
        gives_back=line.net < 0,
    )


def _figures_in(
    asked: pricing.Scenario, price: pricing.Quote, line: pricing.Line, names: Mapping[str, str], why: str
) -> _Figures:
    name = names.get(line.product, line.product)
    return _Figures(
        label=line_label(type=line.type, product=name, quantity=line.quantity),
        gross=line.gross,
        discount=line.discount,
        net=line.net,
        tax=line.tax,
        tax_percent=_rate(asked, line),
        covers=_covers(asked, price, line),
        why=why,
        gives_back=line.net < 0,
    )


def _bill(
    figures: Sequence[_Figures],
    *,
    currency: str,
    includes_tax: bool,
    wallet_used: int,
    wallet_added: int,
    total_label: str,
    total: int,
    balance: int | None = None,
) -> Bill:
    net = sum(line.net for line in figures)
    return Bill(
        entries=tuple(_entry(line, currency, includes_tax=includes_tax) for line in figures),
        taxes=tuple(_taxes(figures, currency, includes_tax=includes_tax)),
        wallet=tuple(_wallet(used=wallet_used, added=wallet_added, balance=balance, currency=currency)),
        includes_tax=includes_tax,
        net=format_money(net, currency),
        sum=format_money(net + sum(line.tax for line in figures), currency),
        total_label=total_label,
        total=format_money(total, currency),
        into_wallet=format_money(wallet_added, currency) if wallet_added > 0 else "",
    )


def _entry(line: _Figures, currency: str, *, includes_tax: bool) -> BillLine:
    return BillLine(
        label=line.label,
        amount=format_money(line.amount(includes_tax=includes_tax), currency),
        why=line.why,
        dates=span(line.covers) if line.covers else "",
        less=line.gives_back,
        price=format_money(line.gross, currency) if line.discount else "",
        discount=format_money(-line.discount, currency) if line.discount else "",
        tax=_percent(line.tax_percent),
    )


def _taxes(figures: Iterable[_Figures], currency: str, *, includes_tax: bool) -> list[BillLine]:
    """The tax by rate, with what it is a share of."""
    nets: dict[Decimal, int] = defaultdict(int)
    taxes: dict[Decimal, int] = defaultdict(int)
    for line in figures:
        nets[line.tax_percent] += line.net
        taxes[line.tax_percent] += line.tax
    label = _("Including tax %(percent)s %%") if includes_tax else _("Tax %(percent)s %%")
    return [
        BillLine(
            label=label % {"percent": _percent(rate)},
            why=_(
                "%(percent)s %% of the lines it applies to, together %(net)s. Each line is rounded by itself."
            )
            % {"percent": _percent(rate), "net": format_money(nets[rate], currency)},
            amount=format_money(tax, currency),
        )
        for rate, tax in sorted(taxes.items())
        if tax
    ]


def _wallet(*, used: int, added: int, balance: int | None, currency: str) -> list[BillLine]:
    """What the wallet gives or takes. Its balance is what is due by itself, so it says what it was, where known."""
    lines: list[BillLine] = []
    if used > 0:
        why = _("It is used first.")
        if balance is not None:
            why = _("Your wallet holds %(balance)s; it is used first.") % {
                "balance": format_money(balance, currency)
            }
        lines.append(_moved(_("From your wallet"), -used, why, currency))
    elif used < 0:
        label, why = _("Carried over from an earlier bill"), _("It was too small to charge then.")
        lines.append(_moved(label, -used, why, currency))
    if added > 0:
        label, why = _("Stays in your wallet"), _("What is left of the credit pays for your next bills.")
        lines.append(_moved(label, added, why, currency))
    elif added < 0:
        label, why = _("Too small to charge"), _("It goes onto your next bill instead.")
        lines.append(_moved(label, added, why, currency))
    return lines


def _moved(label: str, amount: int, why: str, currency: str) -> BillLine:
    return BillLine(label=label, amount=format_money(amount, currency), why=why, less=amount < 0)


def _total_label(invoice: Invoice) -> str:
    if invoice.refunded:
        return _("Refunded")
    return _("Paid") if invoice.due else _("Due today")


def _covers(asked: pricing.Scenario, price: pricing.Quote, line: pricing.Line) -> pricing.Period | None:
    """The time that a line pays for, or gives back; none for what is bought once."""
    if line.type == pricing.LineType.CREDIT:
        period = asked.membership.period if asked.membership else None
    elif line.type == pricing.LineType.CHARGE and _recurs(asked, line.product):
        period = price.period
    else:
        period = None
    return pricing.Period(start=max(asked.as_of, period.start), end=period.end) if period else None


def _recurs(asked: pricing.Scenario, product: str) -> bool:
    return any(item.recurring for item in asked.selection.items if item.product == product)


def _rate(asked: pricing.Scenario, line: pricing.Line) -> Decimal:
    items: Sequence[pricing.HeldItem | pricing.WantedItem] = asked.selection.items
    if line.type == pricing.LineType.CREDIT and asked.membership:
        items = asked.membership.items
    return next((item.tax_rate for item in items if item.product == line.product), Decimal(0))


def _percent(rate: Decimal) -> str:
    return number_format(rate.normalize())


def _language() -> str:
    return (get_language() or "en")[:2]
