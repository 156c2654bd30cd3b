"""A membership's page with what stands above memberships: its orders, a change of plan on the customer's behalf, and a
rehearsal of what is to come."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from checkout.admin import change_plan, rehearse
from checkout.admin.order import OrderInline
from memberships.admin.membership import MembershipAdmin
from memberships.models import Membership
from memberships.operations.entitlements import entitlements
from products.admin.base import NOTHING, action, display
from products.limit_display import format_limit
from products.limits import Kind
from products.models.limit import LABELS
from sites.admin import transfer
from sites.models import Site

admin.site.unregister(Membership)


@admin.register(Membership)
class MembershipWithOrdersAdmin(MembershipAdmin):
    fields = (*MembershipAdmin.fields, "usage")
    readonly_fields = fields
    inlines = (*MembershipAdmin.inlines, OrderInline)
    actions_detail = ("change_plan", *MembershipAdmin.actions_detail, "transfer", "rehearse")

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context["original"].usage_table = usage_table(
            context["original"]
        )  # the field below is asked for often
        return super().render_change_form(request, context, *args, **kwargs)

    @display(description=_("limits and usage"))
    def usage(self, membership: Membership) -> SafeString:
        table = getattr(membership, "usage_table", None)
        return render_to_string("admin/products/table.html", {"table": table})

    def has_change_plan_permission(self, request: HttpRequest, _object_id: str | None = None) -> bool:
        return request.user.has_perm("checkout.add_order")

    @action(
        description=_("Change plan"), url_path="change-plan", permissions=["change_plan"], icon="swap_horiz"
    )
    def change_plan(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return change_plan.page(self, request, object_id)

    def has_transfer_permission(self, request: HttpRequest, _object_id: str | None = None) -> bool:
        return request.user.has_perm("memberships.add_membershiptransfer")

    @action(description=_("Transfer"), url_path="transfer", permissions=["transfer"], icon="switch_account")
    def transfer(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return transfer.page(self, request, object_id)

    def has_rehearse_permission(self, request: HttpRequest, _object_id: str | None = None) -> bool:
        return request.user.has_perm("memberships.view_membership")

    @action(description=_("Rehearse"), url_path="rehearse", permissions=["rehearse"], icon="fast_forward")
    def rehearse(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return rehearse.page(self, request, object_id)


def usage_table(membership: Membership) -> dict[str, Any]:
    """Of every limit that is counted: what each of the sites uses, as last counted, and what is allowed."""
    sites = list(Site.objects.filter(membership=membership).outside_the_bin().order_by("id"))
    allowed = entitlements(membership)
    rows = [
        [LABELS[kind], _used(kind, sites), format_limit(kind, allowed[kind])]
        for kind in Kind
        if not kind.is_switch
    ]
    return {"headers": [_("limit"), _("used"), _("allowed")], "rows": rows}


def _used(kind: Kind, sites: Sequence[Site]) -> str:
    """“Fleur's site: 3, Shop: 1”, as last counted."""
    if kind == Kind.SITES:
        return format_limit(kind, len(sites))
    counted = [(site.name, site.usage.get(kind)) for site in sites]
    said = [f"{name}: {format_limit(kind, used)}" for name, used in counted if used is not None]
    return ", ".join(said) or NOTHING
