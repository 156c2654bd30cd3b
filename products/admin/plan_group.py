from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from products.admin.base import Admin, display
from products.admin.family import family_page, matrix_page
from products.models import PlanGroup


@admin.register(PlanGroup)
class PlanGroupAdmin(Admin[PlanGroup]):
    list_display = ("name", "on_upgrade", "plan_names")
    search_fields = ("name",)
    fields = ("name", "on_upgrade")

    def get_queryset(self, request: HttpRequest) -> QuerySet[PlanGroup]:
        return super().get_queryset(request).prefetch_related("plans__prices")

    @display(description=_("plans, low to high"))
    def plan_names(self, group: PlanGroup) -> str:
        return " → ".join(plan.name for plan in sorted(group.plans.all(), key=lambda plan: plan.rank))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        group: PlanGroup | None = kwargs.get("obj")
        plans = list(group.plans.all()) if group else []
        context["family"] = family_page(family=plans, group=group) if group else ""
        context["matrix"] = matrix_page(family=plans) if len(plans) > 1 else ""
        return super().render_change_form(request, context, *args, **kwargs)
