"""Limits and usage as people read them."""

from django.template.defaultfilters import filesizeformat
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from products.limits import Kind, Unit


def format_limit(kind: Kind, amount: int | None) -> str:
    """An amount of `kind` in the active language: "unlimited", "1,000", "2.0 GB"; a switch is on or not available."""
    if kind.is_switch:
        return _("included") if amount is None else _("not included")
    if amount is None:
        return _("unlimited")
    if kind.unit == Unit.BYTES:
        return filesizeformat(amount)
    return number_format(amount, force_grouping=True)
