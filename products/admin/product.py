"""The product page: one row of tabs, and only those that the product's type has."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Case, Prefetch, When
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from products.admin import duplicate
from products.admin.base import Admin, action, display
from products.admin.family import family_page
from products.admin.prices import PriceInline, earlier_prices, save_prices
from products.forms import PriceFormSet, ProductForm, limit_name
from products.models import Price, Product
from products.models.product import ProductQuerySet
from products.money_display import format_price
from products.operations.limits import change_limits
from products.operations.prices import PriceReplaced

GENERAL, PRICES, LADDER, LIMITS, TAXES = "general", "prices", "up-downgrades", "limits", "taxes"
TITLES = {
    GENERAL: _("General"),
    PRICES: _("Prices"),
    LADDER: _("Up & Downgrades"),
    LIMITS: _("Limits"),
    TAXES: _("Taxes"),
}
TYPES_IN_LIST = {
    "": _("All"),
    Product.Type.PLAN: _("Plans"),
    Product.Type.PACKAGE: _("Packages"),
    Product.Type.SERVICE: _("Services"),
}
TYPE_ORDER = Case(*(When(type=kind, then=place) for place, kind in enumerate(Product.Type.values)))
FORMS: dict[str, type[ProductForm]] = {
    kind: type(f"{kind.title()}Form", (ProductForm,), {"product_type": kind}) for kind in Product.Type.values
}


@admin.register(Product)
class ProductAdmin(Admin[Product]):
    inlines = (PriceInline,)
    list_display = ("title", "kind", "group", "rank", "price_list", "is_active")
    list_filter = ("type", "is_active", "group")
    list_select_related = ("group",)
    search_fields = ("name", "code")
    ordering = (TYPE_ORDER, "group__name", "rank", "name")
    sortable_by = ()
    actions_detail: ClassVar[tuple[str, ...]] = ("duplicate",)
    tab_titles: ClassVar[Mapping[str, Any]] = TITLES

    def has_duplicate_permission(self, request: HttpRequest, _object_id: str | None = None) -> bool:
        return self.has_add_permission(request)

    @action(description=_("Duplicate"), url_path="duplicate", permissions=["duplicate"], icon="content_copy")
    def duplicate(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return duplicate.page(self, request, object_id)

    # The list

    def get_queryset(self, _request: HttpRequest) -> ProductQuerySet:
        current = Prefetch("prices", Price.objects.current(), to_attr="sold_at")
        return Product.objects.prefetch_related(current)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        chosen = request.GET.get("type__exact", "")
        tabs = [
            {
                "title": title,
                "link": f"?type__exact={kind}" if kind else "?",
                "active": kind == chosen,
                "has_permission": True,
            }
            for kind, title in TYPES_IN_LIST.items()
        ]
        tab_list = [{"models": [str(self.opts)], "items": tabs}]
        return super().changelist_view(request, {"tab_list": tab_list, **(extra_context or {})})

    @display(description=_("product"), ordering="name", header=True)
    def title(self, product: Product) -> tuple[str, str]:
        return product.name, product.code

    @display(
        description=_("type"),
        ordering="type",
        label={Product.Type.PLAN.label: "info", Product.Type.PACKAGE.label: "success"},
    )
    def kind(self, product: Product) -> str:
        return product.get_type_display()

    @display(description=_("prices"))
    def price_list(self, product: Product) -> str:
        prices: list[Price] = getattr(product, "sold_at", [])
        return ", ".join(format_price(price) for price in prices) or gettext("None")

    # The page: which fields stand in which tab

    def get_fieldsets(self, request: HttpRequest, obj: Product | None = None) -> Any:
        kind = obj.type if obj else requested_type(request)
        tabs: dict[str, tuple[str, ...]] = {
            GENERAL: ("type_choice", "name", "code", "description", "is_active")
        }
        if kind == Product.Type.PLAN:
            tabs[GENERAL] += ("is_recommended",)
            tabs[LADDER] = ("group", "rank", "on_upgrade", "partners")
        else:
            tabs[GENERAL] += ("partners",)
        if limits := FORMS[kind].limit_kinds():
            tabs[LIMITS] = tuple(limit_name(limit) for limit in limits)
        tabs[TAXES] = ("tax_rate", "tax_note")
        return [(None, {"fields": fields, "classes": (tab,)}) for tab, fields in tabs.items()]

    def get_readonly_fields(self, _request: HttpRequest, obj: Product | None = None) -> tuple[str, ...]:
        computed = ("type_choice", "on_upgrade", "tax_note")
        return computed if obj is None else (*computed, "code")

    def get_prepopulated_fields(self, _request: HttpRequest, obj: Product | None = None) -> Any:
        return {"code": ("name",)} if obj is None else {}

    def get_form(self, request: HttpRequest, obj: Product | None = None, *args: Any, **kwargs: Any) -> Any:
        form = FORMS[obj.type if obj else requested_type(request)]
        shown = [name for _title, options in self.get_fieldsets(request, obj) for name in options["fields"]]
        stored = [name for name in shown if name in form.Meta.fields]  # the form adds the others itself
        return super().get_form(request, obj, *args, **{**kwargs, "form": form, "fields": stored})

    @display(description=_("type"))
    def type_choice(self, product: Product) -> str:
        """A product stays what it is; one that is only being made can still become another."""
        if product.pk:
            return product.get_type_display()
        choice = {"types": Product.Type.choices, "chosen": product.type}
        return render_to_string("admin/products/type_choice.html", choice)

    @display(description=_("on upgrade"))
    def on_upgrade(self, product: Product) -> str:
        if product.group is None:
            return gettext("Restart the period now. A plan group can choose otherwise.")
        return gettext("%(choice)s (set in the plan group %(group)s)") % {
            "choice": product.group.get_on_upgrade_display(),
            "group": product.group,
        }

    @display(description=_("prices are"))
    def tax_note(self, _product: Product) -> str:
        if settings.PRICES_INCLUDE_TAX:
            return gettext("Tax included: the tax is inside the price.")
        return gettext("Without tax: the tax is added to the price.")

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        obj: Product | None = kwargs.get("obj")
        tabs = page_tabs(context, self.tab_titles)
        context |= {
            "tab_list": [{"models": [{"name": str(self.opts), "detail": True}], "items": tabs}],
            "first_wrong_tab": next((tab["inline"] for tab in tabs if tab["errors"]), ""),
        }
        if obj is not None:
            context["earlier_prices"] = earlier_prices(obj)
            context["family"] = family_of(obj) if obj.is_plan else ""
        else:
            new = Product(type=requested_type(request))
            context["family"] = family_of(new) if new.is_plan else ""
        return super().render_change_form(request, context, *args, **kwargs)

    def has_delete_permission(self, _request: HttpRequest, *_args: Any) -> bool:
        """A product is taken off sale by making it inactive: quotes and orders under way still name it."""
        return False

    # Saving

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:  # noqa: FBT001 -- Django's signature
        super().save_related(request, form, formsets, change)
        form.save_partners()
        if changed := form.changed_limits:
            change_limits(product=form.instance, amounts=changed)
            if change:
                messages.info(request, gettext("The sites of members follow the new limits within minutes."))

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: Any) -> None:  # noqa: ARG002 -- Django's names
        prices: PriceFormSet = formset
        try:
            with transaction.atomic():
                news = save_prices(prices, now=timezone.now())
        except (PriceReplaced, ValidationError):
            prices.new_objects, prices.changed_objects, prices.deleted_objects = [], [], []
            news = []
            messages.error(
                request, gettext("Somebody else changed the prices meanwhile; yours were not saved.")
            )
        for sentence in news:
            messages.info(request, sentence)


def requested_type(request: HttpRequest) -> str:
    """Which type of product is to be added: `?type=package`. A plan when it says nothing that we know."""
    asked = request.GET.get("type", "")
    return asked if asked in Product.Type.values else Product.Type.PLAN


def family_of(plan: Product) -> SafeString:
    """The ladder of the plan's family; a plan that is only being made has no group yet."""
    plans = Product.objects.family_of(plan).prefetch_related("prices")
    return family_page(family=list(plans), group=plan.group, plan=plan)


def page_tabs(context: dict[str, Any], titles: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The tabs of the page in Unfold's form, each with the number of its errors."""
    page = context["adminform"]
    errors = {part.classes: sum(name in page.form.errors for name in part.fields) for part in page}
    for prices in context["inline_admin_formsets"]:  # none for who may not see prices
        rows = prices.formset
        errors[PRICES] = sum(len(each) for each in rows.errors) + len(rows.non_form_errors())
    return [
        {
            "title": _with_count(title, errors[tab]),
            "inline": tab,
            "errors": errors[tab],
            "has_permission": True,
        }
        for tab, title in titles.items()
        if tab in errors
    ]


def _with_count(title: Any, errors: int) -> Any:
    if not errors:
        return title
    badge = render_to_string("unfold/helpers/tab_error_count.html", {"error_count": errors})
    return format_html("{} {}", title, badge)
