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
from products.operations.catalogue import Rung, ladder


def family_page(
    *, family: Sequence[Product], group: PlanGroup | None, plan: Product | None = None
) -> SafeString:
    """The family's ladder as a table, highest rank first; `plan` is marked in it."""
    headers = [_("plan"), _("rank"), _("offered"), _("members can upgrade to"), _("members can downgrade to")]
    rungs = ladder(family)
    some_share_a_rank = any(rung.by_price for rung in rungs)
    if some_share_a_rank:
        headers.append(_("same rank: the price decides"))
    rows = [_row(rung, marked=rung.plan == plan)[: len(headers)] for rung in rungs]
    context = {"group": group, "table": {"headers": headers, "rows": rows}}
    return render_to_string("admin/products/family.html", context)


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
