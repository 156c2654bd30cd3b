"""Limits and usage as people read them."""

from dataclasses import dataclass
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from products.limits import Kind, Limits, Unit
from products.models.limit import LABELS


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownLimit:
    """What may be used of a kind, and where a change has made it another amount what it was `before`; both as texts."""

    kind: Kind
    label: Any
    amount: str
    before: str = ""


def shown_limits(*, after: Limits, before: Limits | None = None) -> list[ShownLimit]:
    """Every kind that is allowed, or was; what has changed first. Without `before` nothing is said to have changed."""
    earlier = after if before is None else before
    shown = [
        ShownLimit(
            kind=kind,
            label=LABELS[kind],
            amount=_amount(kind, after[kind]),
            before=_amount(kind, earlier[kind]) if earlier[kind] != after[kind] else "",
        )
        for kind in Kind
        if after[kind] != 0 or earlier[kind] != 0
    ]
    return sorted(shown, key=lambda limit: not limit.before)


def _amount(kind: Kind, amount: int | None) -> str:
    return _("not included") if amount == 0 else format_limit(kind, amount)


def format_limit(kind: Kind, amount: int | None) -> str:
    """An amount of `kind` in the active language: "unlimited", "1,000", "2.0 GB"; a switch is on or not available."""
    if kind.is_switch:
        return _("included") if amount is None else _("not included")
    if amount is None:
        return _("unlimited")
    if kind.unit == Unit.BYTES:
        return filesizeformat(amount)
    return number_format(amount, force_grouping=True)
