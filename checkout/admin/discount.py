"""A code's page and the list of codes, with what the bills say that they brought and cost."""

from collections.abc import Collection
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from checkout.operations.code_performance import performance_of
from memberships.admin.discount import DiscountAdmin
from products.models import Discount
from products.money_display import format_money

admin.site.unregister(Discount)


@admin.register(Discount)
class DiscountWithPerformanceAdmin(DiscountAdmin):
    change_form_outer_after_template = "admin/checkout/code_performance.html"
    list_after_template = "admin/checkout/code_performance.html"

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        code: Discount | None = kwargs.get("obj")
        if code is not None:
            context["performance"] = _table([code.pk])
        return super().render_change_form(request, context, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Once the list is narrowed down, such as to a batch, what all that is chosen did together."""
        answer: HttpResponse = super().changelist_view(request, extra_context)
        if isinstance(answer, TemplateResponse) and answer.context_data and "cl" in answer.context_data:
            shown = answer.context_data["cl"]
            if shown.query or shown.has_active_filters:
                answer.context_data["performance"] = _table(
                    shown.queryset.order_by().values_list("pk", flat=True)
                )
        return answer


def _table(codes: Collection[int]) -> dict[str, Any]:
    return {
        "headers": [_("currency"), _("bills"), _("discount given"), _("revenue without tax")],
        "rows": [
            [
                each.currency,
                number_format(each.bills),
                format_money(each.given, each.currency),
                format_money(each.revenue, each.currency),
            ]
            for each in performance_of(codes)
        ],
    }
