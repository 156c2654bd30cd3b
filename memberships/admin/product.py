"""A product's page with what stands above products: who pays its prices, and the way to change one for them."""

from urllib.parse import urlencode

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from memberships.operations.price_campaigns import prices_in_use
from products.admin.asking import the_row
from products.admin.base import action
from products.admin.product import ProductAdmin
from products.models import Product

admin.site.unregister(Product)


@admin.register(Product)
class ProductWithMembersAdmin(ProductAdmin):
    actions_detail = (*ProductAdmin.actions_detail, "change_price")

    def has_change_price_permission(self, request: HttpRequest, _object_id: str | None = None) -> bool:
        return request.user.has_perm("memberships.add_pricecampaign")

    @action(
        description=_("Change a price for members"),
        url_path="change-price",
        permissions=["change_price"],
        icon="trending_up",
    )
    def change_price(self, request: HttpRequest, object_id: str) -> HttpResponse:
        product: Product = the_row(self, request, object_id)
        prices = list(prices_in_use().filter(product=product)[:2])
        asked = f"?{urlencode({'from_price': prices[0].pk})}" if len(prices) == 1 else ""
        return redirect(reverse("admin:memberships_pricecampaign_add") + asked)
