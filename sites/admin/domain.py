from django.contrib import admin

from products.admin.base import Admin, ReadOnly
from sites.models import Domain


@admin.register(Domain)
class DomainAdmin(ReadOnly, Admin[Domain]):
    list_display = ("domain", "tenant", "is_primary", "created_at")
    list_select_related = ("tenant",)
    list_filter = ("is_primary",)
    search_fields = ("domain", "tenant__name")
    date_hierarchy = "created_at"
