"""A price as pages show it: when it starts, its lines with their why, what is due and what comes next."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from memberships.bills import Bill, bill_of_quote
from memberships.models import Membership
from memberships.operations.picks import Pick
from memberships.operations.terms import Terms
from products import pricing
from products.date_display import day
from products.money_display import format_money

Texts = dict[str, Any]
PAY_AND = {
    pricing.Kind.NEW: gettext_lazy("Pay %(amount)s and start"),
    pricing.Kind.UPGRADE: gettext_lazy("Pay %(amount)s and upgrade"),
    pricing.Kind.REACTIVATION: gettext_lazy("Pay %(amount)s and come back"),
}
NOTHING_DUE = {
    pricing.Kind.NEW: gettext_lazy("Start now, nothing due"),
    pricing.Kind.TRIAL: gettext_lazy("Start the trial, nothing due"),
    pricing.Kind.UPGRADE: gettext_lazy("Upgrade now, nothing due"),
    pricing.Kind.REACTIVATION: gettext_lazy("Come back now, nothing due"),
}


def price_table(*, asked: pricing.Scenario, price: pricing.Quote, names: Mapping[str, str]) -> Bill | None:
    """What `components/price_lines.html` shows; None where nothing is priced. `names` is by product code."""
    return bill_of_quote(asked=asked, price=price, names=names) if price.changes_something else None


def starts(*, price: pricing.Quote, terms: Terms) -> Texts:
    """The first line: when the change takes effect, for the membership of `terms`."""
    if price.effective is None or price.effective_at is None:
        return {}
    date = {"date": day(price.effective_at), "plan": terms.plan.product.name if terms.plan else ""}
    in_trial = terms.membership.state == Membership.State.TRIALING
    match price.effective:
        case pricing.Effective.PERIOD_END if price.kind == pricing.Kind.REMOVAL:
            text = _("Ends on %(date)s; you keep everything until then.") % date
        case pricing.Effective.PERIOD_END:
            text = _("Starts on %(date)s; you keep %(plan)s until then.") % date
        case pricing.Effective.BOTH:
            ends = price.period.end if price.period else price.effective_at
            text = _("What you add starts now; what you give up ends on %(date)s.") % {"date": day(ends)}
        case _ if price.trial_end is not None and in_trial:
            text = _("Starts now. Your trial goes on until %(date)s.") % {"date": day(price.trial_end)}
        case _ if price.trial_end is not None:
            text = _days_free(price.trial_end - price.effective_at, price.trial_end)
        case _ if in_trial:
            text = _("Starts now and ends your trial.")
        case _:
            text = _("Starts now.")
    return {"when": text, "when_icon": "clock" if price.effective == pricing.Effective.NOW else "calendar"}


def _days_free(trial: timedelta, ends: datetime) -> str:
    sentence = ngettext(
        "%(count)d day free, then the first bill on %(date)s.",
        "%(count)d days free, then the first bill on %(date)s.",
        trial.days,
    )
    return sentence % {"count": trial.days, "date": day(ends)}


def names_of(terms: Terms, picks: Sequence[Pick]) -> dict[str, str]:
    """The name of every product a price may speak of, by its code."""
    return {
        **{item.product.code: item.product.name for item in terms.items},
        **{pick.product.code: pick.product.name for pick in picks},
    }


def confirm_label(*, price: pricing.Quote, currency: str) -> str:
    """What the button says that confirms `price`: always the amount when there is one."""
    if price.due_now:
        label = PAY_AND.get(price.kind, gettext_lazy("Pay %(amount)s"))
        return label % {"amount": format_money(price.due_now, currency)}
    if price.effective == pricing.Effective.PERIOD_END and price.effective_at:
        return _at(price.kind, price.effective_at)
    return str(NOTHING_DUE.get(price.kind, gettext_lazy("Change now, nothing due")))


def _at(kind: pricing.Kind, at: datetime) -> str:
    if kind == pricing.Kind.DOWNGRADE:
        return _("Downgrade on %(date)s") % {"date": day(at)}
    return _("Remove on %(date)s") % {"date": day(at)}
