"""A price as pages show it: when it starts, its lines with their why, what is due and what comes next."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from checkout.views.words import day, span
from memberships.operations.picks import Pick
from memberships.operations.terms import Terms
from memberships.story import line_label
from products import pricing
from products.money_display import format_money

Texts = dict[str, Any]


def price_table(
    *, asked: pricing.Scenario, price: pricing.Quote, names: Mapping[str, str], due_label: str = ""
) -> Texts | None:
    """What `components/price_lines.html` shows; None where nothing is priced. `names` is by product code."""
    if not price.changes_something:
        return None
    why = pricing.explain(asked, price, (get_language() or "en")[:2], names=names)
    table: Texts = {
        "lines": _lines(asked, price, names, why.lines),
        "sums": [*_taxes(asked, price), *_wallet(asked, price)],
        "due_label": due_label or _("Due today"),
        "due": format_money(price.due_now, asked.currency),
        "due_why": why.due_now if price.lines else "",
    }
    if price.next_bill:
        table["next_label"] = _("Next bill on %(date)s") % {"date": day(price.next_bill.at)}
        table["next_amount"] = format_money(price.next_bill.due, asked.currency)
        table["next_why"] = why.next_bill
    return table


def starts(*, price: pricing.Quote, plan: str) -> Texts:
    """The first line: when the change takes effect. `plan` names the plan that is kept until then."""
    if price.effective is None or price.effective_at is None:
        return {}
    date = {"date": day(price.effective_at), "plan": plan}
    match price.effective:
        case pricing.Effective.PERIOD_END if price.kind == pricing.Kind.REMOVAL:
            text = _("Ends on %(date)s; you keep everything until then.") % date
        case pricing.Effective.PERIOD_END:
            text = _("Starts on %(date)s; you keep %(plan)s until then.") % date
        case pricing.Effective.BOTH:
            ends = price.period.end if price.period else price.effective_at
            text = _("What you add starts now; what you give up ends on %(date)s.") % {"date": day(ends)}
        case _:
            text = _("Starts now.")
    return {"when": text, "when_icon": "clock" if price.effective == pricing.Effective.NOW else "calendar"}


def names_of(terms: Terms, picks: Sequence[Pick]) -> dict[str, str]:
    """The name of every product a price may speak of, by its code."""
    return {
        **{item.product.code: item.product.name for item in terms.items},
        **{pick.product.code: pick.product.name for pick in picks},
    }


def _lines(
    asked: pricing.Scenario, price: pricing.Quote, names: Mapping[str, str], whys: Sequence[str]
) -> list[Texts]:
    return [
        {
            "label": line_label(
                type=line.type, product=names.get(line.product, line.product), quantity=line.quantity
            ),
            "dates": _dates(asked, price, line),
            "why": why,
            "amount": format_money(_shown(asked, line), asked.currency),
            "less": line.net < 0,
        }
        for line, why in zip(price.lines, whys, strict=True)
    ]


def _shown(asked: pricing.Scenario, line: pricing.Line) -> int:
    """A line's amount: with tax where prices are given with tax, without it otherwise."""
    return line.net + line.tax if asked.policy.prices_include_tax else line.net


def _dates(asked: pricing.Scenario, price: pricing.Quote, line: pricing.Line) -> str:
    """The time that a line pays for, or gives back; nothing for what is bought once."""
    if line.type == pricing.LineType.CREDIT:
        period = asked.membership.period if asked.membership else None
    elif line.type == pricing.LineType.CHARGE and _recurs(asked, line.product):
        period = price.period
    else:
        period = None
    return span(pricing.Period(start=max(asked.as_of, period.start), end=period.end)) if period else ""


def _recurs(asked: pricing.Scenario, product: str) -> bool:
    return any(item.recurring for item in asked.selection.items if item.product == product)


def _taxes(asked: pricing.Scenario, price: pricing.Quote) -> list[Texts]:
    """The tax by rate, with what it is a share of."""
    nets: dict[Decimal, int] = defaultdict(int)
    taxes: dict[Decimal, int] = defaultdict(int)
    for line in price.lines:
        rate = _rate(asked, line)
        nets[rate] += line.net
        taxes[rate] += line.tax
    label = _("Including tax %(percent)s %%") if asked.policy.prices_include_tax else _("Tax %(percent)s %%")
    return [
        {
            "label": label % {"percent": _percent(rate)},
            "why": _(
                "%(percent)s %% of the lines it applies to, together %(net)s. Each line is rounded by itself."
            )
            % {"percent": _percent(rate), "net": format_money(nets[rate], asked.currency)},
            "amount": format_money(tax, asked.currency),
        }
        for rate, tax in sorted(taxes.items())
        if tax
    ]


def _rate(asked: pricing.Scenario, line: pricing.Line) -> Decimal:
    items: list[pricing.HeldItem | pricing.WantedItem] = list(asked.selection.items)
    if line.type == pricing.LineType.CREDIT and asked.membership:
        items = list(asked.membership.items)
    return next((Decimal(item.tax_rate) for item in items if item.product == line.product), Decimal(0))


def _percent(rate: Decimal) -> str:
    return number_format(rate.normalize())


def _wallet(asked: pricing.Scenario, price: pricing.Quote) -> list[Texts]:
    """What the wallet gives or takes. Its balance is what is due by itself, so it says what it was."""
    texts: list[Texts] = []
    balance = {"balance": format_money(asked.membership.wallet if asked.membership else 0, asked.currency)}
    if price.wallet_used > 0:
        texts.append(
            {
                "label": _("From your wallet"),
                "amount": format_money(-price.wallet_used, asked.currency),
                "less": True,
                "why": _("Your wallet holds %(balance)s; it is used first.") % balance,
            }
        )
    elif price.wallet_used < 0:
        texts.append(
            {
                "label": _("Carried over from an earlier bill"),
                "amount": format_money(-price.wallet_used, asked.currency),
                "why": _("It was too small to charge then."),
            }
        )
    if price.wallet_added > 0:
        texts.append(
            {
                "label": _("Stays in your wallet"),
                "amount": format_money(price.wallet_added, asked.currency),
                "why": _("What is left of the credit pays for your next bills."),
            }
        )
    elif price.wallet_added < 0:
        texts.append(
            {
                "label": _("Too small to charge"),
                "amount": format_money(price.wallet_added, asked.currency),
                "less": True,
                "why": _("It goes onto your next bill instead."),
            }
        )
    return texts


def confirm_label(*, price: pricing.Quote, currency: str) -> str:
    """What the button says that confirms `price`: always the amount when there is one."""
    if price.due_now:
        amount = {"amount": format_money(price.due_now, currency)}
        if price.kind == pricing.Kind.UPGRADE:
            return _("Pay %(amount)s and upgrade") % amount
        return _("Pay %(amount)s") % amount
    if price.effective == pricing.Effective.PERIOD_END and price.effective_at:
        return _at(price.kind, price.effective_at)
    if price.kind == pricing.Kind.UPGRADE:
        return _("Upgrade now, nothing due")
    return _("Change now, nothing due")


def _at(kind: pricing.Kind, at: datetime) -> str:
    if kind == pricing.Kind.DOWNGRADE:
        return _("Downgrade on %(date)s") % {"date": day(at)}
    return _("Remove on %(date)s") % {"date": day(at)}
