"""Who can go where, as the network admin sees it."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from products.admin.base import NOTHING
from products.models import PlanGroup, Product
from products.operations.catalogue import Rung, ladder

HEADERS = [
    _("plan"),
    _("rank"),
    _("members can upgrade to"),
    _("members can downgrade to"),
    _("same rank: the price decides"),
]


def family_page(
    *, family: Sequence[Product], group: PlanGroup | None, plan: Product | None = None
) -> SafeString:
    """The family's ladder as a table, highest rank first; `plan` is marked in it."""
    rows = [_row(rung, marked=rung.plan == plan) for rung in ladder(family)]
    return render_to_string(
        "admin/products/family.html", {"group": group, "table": {"headers": HEADERS, "rows": rows}}
    )


def _row(rung: Rung, *, marked: bool) -> list[Any]:
    name = _name(rung.plan, marked=marked)
    return [name, rung.plan.rank, *(_names(plans) for plans in (rung.up, rung.down, rung.by_price))]


def _name(plan: Product, *, marked: bool) -> SafeString:
    state = gettext("active") if plan.is_active else gettext("inactive: nobody can go to it")
    if marked:
        return format_html("<strong>{}</strong> · {} · {}", plan.name, gettext("this plan"), state)
    link = reverse("admin:products_product_change", args=[plan.pk])
    return format_html('<a class="text-link" href="{}">{}</a> · {}', link, plan.name, state)


def _names(plans: Iterable[Product]) -> str:
    return ", ".join(plan.name for plan in plans) or NOTHING
