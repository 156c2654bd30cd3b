"""Tax rates: categories, and what each is where and from when. Here, beside the names of countries."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from memberships.admin import set_tax_rate
from memberships.countries import country_name
from products.admin.base import Admin, Inline, ReadOnly, action, badge, display, percent
from products.models import TaxRate, TaxRateVersion


class VersionInline(ReadOnly, Inline[TaxRateVersion]):
    model = TaxRateVersion
    fields = ("place", "rate_percent", "starts_on", "holds", "set_by", "set_at")
    readonly_fields = fields

    rate_percent = percent("percent", description=_("rate"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[TaxRateVersion]:
        return super().get_queryset(request).select_related("set_by")

    @display(description=_("where"))
    def place(self, version: TaxRateVersion) -> str:
        return place_of(version)

    @display(description=_("state"))
    def holds(self, version: TaxRateVersion) -> SafeString:
        if version.starts_on <= timezone.now().date():
            return badge(str(_("Begun")), "success")
        return badge(str(_("To come")), "info")


@admin.register(TaxRate)
class TaxRateAdmin(Admin[TaxRate]):
    """A rate in use is never edited: another one begins on a day, and bills keep theirs."""

    list_display = ("name", "rate", "version_count", "product_count")
    search_fields = ("name",)
    inlines = (VersionInline,)
    actions_detail: ClassVar[tuple[str, ...]] = ("set_rate", "withdraw_rate")

    rate = percent("percent", description=_("everywhere, from the beginning"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[TaxRate]:
        counts = {name: Count(name, distinct=True) for name in ("versions", "products")}
        return (
            super()
            .get_queryset(request)
            .annotate(version_number=counts["versions"], product_number=counts["products"])
        )

    def get_fields(self, request: HttpRequest, obj: TaxRate | None = None) -> tuple[str, ...]:
        return ("name", *(self.get_readonly_fields(request, obj) or ("percent",)))

    def get_readonly_fields(self, _request: HttpRequest, obj: TaxRate | None = None) -> tuple[str, ...]:
        is_used = obj is not None and (obj.products.exists() or bool(obj.schedule))
        return ("rate",) if is_used else ()

    @display(description=_("other rates, by place and day"), ordering="version_number")
    def version_count(self, rate: TaxRate) -> int:
        return getattr(rate, "version_number", 0)

    @display(description=_("products"), ordering="product_number")
    def product_count(self, rate: TaxRate) -> int:
        return getattr(rate, "product_number", 0)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], Any, set[str], list[Any]]:
        """What has the rate is named, and keeps it from being deleted."""
        deleted, counts, missing, protected = super().get_deleted_objects(objs, request)
        products = [str(product) for rate in objs for product in rate.products.order_by("name")]
        return (deleted, counts, set(), products) if products else (deleted, counts, missing, protected)

    def has_set_rate_permission(self, request: HttpRequest, _object_id: str | None = None) -> bool:
        return self.has_change_permission(request)

    @action(
        description=_("New rate from a day"), url_path="from", permissions=["set_rate"], icon="event_upcoming"
    )
    def set_rate(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return set_tax_rate.page(self, request, object_id)

    @action(
        description=_("Withdraw a rate to come"),
        url_path="withdraw",
        permissions=["set_rate"],
        icon="event_busy",
    )
    def withdraw_rate(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return set_tax_rate.withdraw_page(self, request, object_id)


def place_of(version: TaxRateVersion) -> str:
    """Where it holds, such as “United States, CA”."""
    if not version.country:
        return str(_("everywhere"))
    return ", ".join(filter(None, (country_name(version.country), version.region)))
