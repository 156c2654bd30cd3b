from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from products.admin.base import Admin, display
from products.admin.family import family_page
from products.models import PlanGroup


@admin.register(PlanGroup)
class PlanGroupAdmin(Admin[PlanGroup]):
    list_display = ("name", "on_upgrade", "plan_names")
    search_fields = ("name",)
    readonly_fields = ("ladder",)

    def get_fields(self, _request: HttpRequest, obj: PlanGroup | None = None) -> tuple[str, ...]:
        return ("name", "on_upgrade") if obj is None else ("name", "on_upgrade", "ladder")

    def get_queryset(self, request: HttpRequest) -> QuerySet[PlanGroup]:
        return super().get_queryset(request).prefetch_related("plans")

    @display(description=_("plans, low to high"))
    def plan_names(self, group: PlanGroup) -> str:
        return " → ".join(plan.name for plan in sorted(group.plans.all(), key=lambda plan: plan.rank))

    @display(description=_("who can go where"))
    def ladder(self, group: PlanGroup) -> SafeString:
        return family_page(family=list(group.plans.all()), group=group)
