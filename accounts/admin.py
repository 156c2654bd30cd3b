from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm

from accounts.models import User

admin.site.unregister(Group)


@admin.register(Group)
class NetworkGroupAdmin(GroupAdmin, ModelAdmin):  # type: ignore[misc]  # Unfold ships no types
    """Roles of the network's staff."""


@admin.register(User)
class NetworkUserAdmin(UserAdmin, ModelAdmin):  # type: ignore[misc, type-arg]  # Unfold ships no types
    change_password_form = AdminPasswordChangeForm
    list_display = ("email", "name", "role", "is_active", "last_login")
    list_filter = ("is_staff", "is_superuser", "is_active", "groups")
    search_fields = ("email", "name")
    ordering = ("email",)
    readonly_fields = ("uid", "last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("email", "name", "language", "password")}),
        (
            _("Permissions"),
            {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")},
        ),
        (_("Dates"), {"fields": ("last_login", "date_joined", "uid")}),
    )
    add_fieldsets = ((None, {"classes": ("wide",), "fields": ("email", "name", "password1", "password2")}),)

    def has_delete_permission(self, _request: HttpRequest, *_args: Any) -> bool:
        """People are deactivated: bills and history name them, and sites keep their own copy."""
        return False

    @admin.display(description=_("role"), ordering="is_staff")
    def role(self, user: User) -> str:
        return gettext("Network admin") if user.is_staff else gettext("Customer")
