from django.contrib import admin

from checkout.models import SignUp
from products.admin.base import Admin, DateRange, ReadOnly


@admin.register(SignUp)
class SignUpAdmin(ReadOnly, Admin[SignUp]):
    """Who is on the way to a site, and how far they came."""

    list_display = ("created_at", "user", "plan", "slug", "state", "touched_at")
    list_filter = ("state", "plan", ("created_at", DateRange))
    list_select_related = ("user", "plan")
    search_fields = ("user__email", "slug", "site_name")
    fields = (
        *("user", "membership", "state", "created_at", "touched_at", "settled_at"),
        *("plan", "interval_unit", "interval_count", "addons", "code", "quote"),
        *("site_name", "slug", "starter", "site"),
    )
    readonly_fields = fields
