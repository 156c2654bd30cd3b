from django.contrib import admin

from memberships.models import Notice
from products.admin.base import Admin, DateRange, ReadOnly


@admin.register(Notice)
class NoticeAdmin(ReadOnly, Admin[Notice]):
    list_display = ("created_at", "to", "kind", "subject", "membership", "sent_at")
    list_select_related = ("membership__customer__user",)
    list_filter = (("sent_at", admin.EmptyFieldListFilter), ("created_at", DateRange))
    search_fields = ("to", "subject", "reference")
