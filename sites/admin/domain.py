from django.contrib import admin

from products.admin.base import Admin, DateRange, ReadOnly
from sites.models import Domain


@admin.register(Domain)
class DomainAdmin(ReadOnly, Admin[Domain]):
    list_display = ("domain", "tenant", "is_primary", "created_at")
    list_select_related = ("tenant",)
    list_filter = ("is_primary", ("created_at", DateRange))
    search_fields = ("domain", "tenant__name")
