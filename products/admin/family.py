"""Who can go where, as the network admin sees it."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from products.admin.base import NOTHING, badge
from products.models import PlanGroup, Product
from products.operations.ladder import Rung, Trouble, can_go, ladder, troubles

_WARNINGS = {
    Trouble.NO_PRICE: _("Nobody can take %(plan)s: it is active and has no price."),
    Trouble.NO_WAY_OUT: _(
        "Nobody can leave %(plan)s: no other plan of its family is sold in the currency of its members."
    ),
    Trouble.NO_WAY_IN: _(
        "No member can change to %(plan)s: no other plan of its family has members in a currency it is sold in."
    ),
}


def family_page(
    *, family: Sequence[Product], group: PlanGroup | None, plan: Product | None = None
) -> SafeString:
    """The family's ladder as a table, highest rank first, with what is wrong with it; `plan` is marked in it. The
    plans' `prices` have been read."""
    headers = [_("plan"), _("rank"), _("offered"), _("members can upgrade to"), _("members can downgrade to")]
    rungs = ladder(family)
    some_share_a_rank = any(rung.by_price for rung in rungs)
    if some_share_a_rank:
        headers.append(_("same rank: the price decides"))
    rows = [_row(rung, marked=rung.plan == plan)[: len(headers)] for rung in rungs]
    context = {
        "group": group,
        "table": {"headers": headers, "rows": rows},
        "warnings": [_WARNINGS[trouble] % {"plan": each.name} for each, trouble in troubles(family)],
    }
    return render_to_string("admin/products/family.html", context)


def matrix_page(*, family: Sequence[Product]) -> SafeString:
    """From each plan, down, to each other one, across: which way that is, if members can go there at all."""
    ranked = sorted(family, key=lambda plan: (-plan.rank, plan.name))
    headers = [_("from \N{DOWNWARDS ARROW} to \N{RIGHTWARDS ARROW}"), *(plan.name for plan in ranked)]
    rows = [[plan.name, *(_step(plan, other) for other in ranked)] for plan in ranked]
    return render_to_string("admin/products/matrix.html", {"table": {"headers": headers, "rows": rows}})


def _step(plan: Product, other: Product) -> Any:
    if not can_go(plan, other):
        return NOTHING
    if other.rank == plan.rank:
        return badge(gettext("Price decides"))
    return (
        badge(gettext("Upgrade"), "success")
        if other.rank > plan.rank
        else badge(gettext("Downgrade"), "warning")
    )


def _row(rung: Rung, *, marked: bool) -> list[Any]:
    offered = badge(gettext("Active"), "success") if rung.plan.is_active else badge(gettext("Inactive"))
    names = [_names(plans) for plans in (rung.up, rung.down, rung.by_price)]
    return [_name(rung.plan, marked=marked), rung.plan.rank, offered, *names]


def _name(plan: Product, *, marked: bool) -> SafeString:
    if marked:
        return format_html("<strong>{}</strong> ({})", plan.name, gettext("this plan"))
    link = reverse("admin:products_product_change", args=[plan.pk])
    return format_html('<a class="text-link" href="{}">{}</a>', link, plan.name)


def _names(plans: Iterable[Product]) -> str:
    return ", ".join(plan.name for plan in plans) or NOTHING
