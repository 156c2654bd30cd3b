"""A membership's page with what stands above memberships: its orders, and a rehearsal of what is to come."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from checkout.admin import rehearse
from checkout.admin.order import OrderInline
from memberships.admin.membership import MembershipAdmin
from memberships.models import Membership
from products.admin.base import action

admin.site.unregister(Membership)


@admin.register(Membership)
class MembershipWithOrdersAdmin(MembershipAdmin):
    inlines = (*MembershipAdmin.inlines, OrderInline)
    actions_detail = (*MembershipAdmin.actions_detail, "rehearse")

    def has_rehearse_permission(self, request: HttpRequest, _object_id: str | None = None) -> bool:
        return request.user.has_perm("memberships.view_membership")

    @action(description=_("Rehearse"), url_path="rehearse", permissions=["rehearse"], icon="fast_forward")
    def rehearse(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return rehearse.page(self, request, object_id)
