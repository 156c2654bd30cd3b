"""Discount codes in words: what one takes off and for how long, and the answer at its field."""

from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from products import pricing
from products.money_display import format_money


def code_field(
    *,
    typed: str,
    refusal: str,
    entered: pricing.Discount | None,
    in_force: pricing.Discount | None,
    currency: str,
) -> dict[str, Any]:
    """What `components/code_field.html` shows: the code as it was typed with its answer, and the one in force."""
    note = ""
    if in_force is not None:
        note = _("%(code)s is in force: %(terms)s. Another code takes its place.") % {
            "code": in_force.code,
            "terms": discount_terms(in_force, currency),
        }
    return {
        "typed": typed,
        "refusal": refusal,
        "granted": f"{entered.code}: {discount_terms(entered, currency)}" if entered else "",
        "in_force": note,
    }


def discount_terms(discount: pricing.Discount, currency: str) -> str:
    """“20 % off, for 3 billing periods”."""
    off = {"off": _off(discount, currency)}
    if discount.periods_left is None:
        return _("%(off)s, for as long as your membership goes on") % off
    return ngettext(
        "%(off)s, for one billing period", "%(off)s, for %(count)d billing periods", discount.periods_left
    ) % {**off, "count": discount.periods_left}


def _off(discount: pricing.Discount, currency: str) -> str:
    if discount.percent is not None:
        return _("%(percent)s %% off") % {"percent": number_format(discount.percent.normalize())}
    return _("%(amount)s off") % {"amount": format_money(discount.amount or 0, currency)}
