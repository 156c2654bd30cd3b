"""What the rows of a list come to, in each currency apart."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import Count, F, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from products.money_display import format_money


class Totalled:
    """A list that says below what is in it what its rows come to, once it is narrowed down: nobody waits for a sum over
    all years. One statement. `totals` names the columns in minor units, `totals_currency` leads to their currency."""

    totals: ClassVar[Mapping[str, Any]]
    totals_currency = "currency"
    list_after_template = "admin/products/totals.html"

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        answer: HttpResponse = super().changelist_view(request, extra_context)  # type: ignore[misc]  # ModelAdmin's
        if isinstance(answer, TemplateResponse) and answer.context_data and "cl" in answer.context_data:
            shown = answer.context_data["cl"]
            if shown.query or shown.has_active_filters:
                answer.context_data["totals"] = self._table(shown.queryset)
        return answer

    def _table(self, rows: QuerySet[Any]) -> dict[str, Any]:
        sums: dict[str, Any] = {f"sum_{number}": Sum(path) for number, path in enumerate(self.totals)}
        found: Any = rows.order_by().values(code=F(self.totals_currency)).exclude(code=None)
        return {
            "headers": [_("currency"), _("rows"), *self.totals.values()],
            "rows": [
                [
                    row["code"],
                    number_format(row["rows"]),
                    *(format_money(row[name] or 0, row["code"]) for name in sums),
                ]
                for row in found.annotate(rows=Count("pk"), **sums).order_by("code")
            ],
        }
