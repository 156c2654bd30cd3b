from django.contrib import admin

from products.admin.base import Admin
from products.models import TaxRate


@admin.register(TaxRate)
class TaxRateAdmin(Admin[TaxRate]):
    list_display = ("name", "percent")
    search_fields = ("name",)
