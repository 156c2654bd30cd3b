from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from products.admin.base import Admin, percent
from products.models import TaxRate


@admin.register(TaxRate)
class TaxRateAdmin(Admin[TaxRate]):
    list_display = ("name", "rate")
    search_fields = ("name",)

    rate = percent("percent", description=_("rate"))
