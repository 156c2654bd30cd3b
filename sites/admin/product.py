"""A plan's page with the starter sites that it offers."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from memberships.admin.product import ProductWithMembersAdmin
from products.admin.product import requested_type
from products.models import Product
from sites.models import Starter

STARTERS = "site-templates"
admin.site.unregister(Product)


@admin.register(Product)
class ProductWithStartersAdmin(ProductWithMembersAdmin):
    tab_titles = {**ProductWithMembersAdmin.tab_titles, STARTERS: _("Site templates")}

    def get_fieldsets(self, request: HttpRequest, obj: Product | None = None) -> Any:
        tabs = super().get_fieldsets(request, obj)
        if (obj.type if obj else requested_type(request)) != Product.Type.PLAN:
            return tabs
        return [*tabs, (None, {"fields": ("starters",), "classes": (STARTERS,)})]

    def get_form(self, request: HttpRequest, obj: Product | None = None, *args: Any, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, *args, **kwargs)
        if form.product_type != Product.Type.PLAN:
            return form
        return type(form.__name__, (form,), {"starters": starters_field(obj)})

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:  # noqa: FBT001 -- Django's signature
        super().save_related(request, form, formsets, change)
        if "starters" in form.cleaned_data:
            form.instance.starters.set(form.cleaned_data["starters"])


def starters_field(plan: Product | None) -> forms.Field:
    """Every starter site there is, those ticked that `plan` names."""
    return forms.ModelMultipleChoiceField(
        label=_("Starter sites"),
        queryset=Starter.objects.order_by("name", "pk"),
        initial=list(plan.starters.values_list("pk", flat=True)) if plan else [],
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("What new sites of this plan can begin as, and change to. None chosen: all of them."),
    )
