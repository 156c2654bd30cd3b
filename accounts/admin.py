from functools import partial
from typing import Any, ClassVar

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.core.context import request_context
from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from accounts.models import User
from accounts.secrecy import KeepsSecrets
from accounts.signals import account_closed_or_opened


@admin.register(User)
class NetworkUserAdmin(KeepsSecrets, ModelAdmin):  # type: ignore[misc]  # Unfold ships no types
    """Everybody who signs in. Nobody types a password for them: whoever knows it could act, and pay, in their name. Who
    works for the network is decided on a page of its own."""

    secrets: ClassVar[frozenset[str]] = frozenset({"password"})
    list_display = ("email", "name", "role", "is_active", "last_login")
    list_filter = ("is_staff", "is_active")
    search_fields = ("email", "name")
    ordering = ("email",)
    readonly_fields = ("uid", "last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("email", "name", "language", "is_active")}),
        (_("Dates"), {"fields": ("last_login", "date_joined", "uid")}),
    )

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:  # noqa: FBT001 -- Django's signature
        super().save_model(request, obj, form, change)
        if "is_active" in form.changed_data:
            account_closed_or_opened.send(User, user=obj)
        if "email" in form.changed_data:
            before = form.initial["email"]
            _forget_the_address_of_before(obj)
            transaction.on_commit(partial(_tell, request, obj, before))

    def has_add_permission(self, _request: HttpRequest) -> bool:
        """Customers come by signing up, colleagues by being asked in."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return bool(super().has_change_permission(request, obj)) and not (obj is not None and obj.is_staff)

    def has_delete_permission(self, _request: HttpRequest, *_args: Any) -> bool:
        """People are deactivated: bills and history name them, and sites keep their own copy."""
        return False

    @admin.display(description=_("role"), ordering="is_staff")
    def role(self, user: User) -> str:
        return gettext("Network admin") if user.is_staff else gettext("Customer")


def _forget_the_address_of_before(user: User) -> None:
    """Let what is mailed to the address of before, such as a way to a new password, open nothing any more. The new one
    is to be confirmed."""
    EmailAddress.objects.filter(user_id=user.pk).delete()
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=False)


def _tell(request: HttpRequest, user: User, before: str) -> None:
    """Write to the address of before: it may be right, and the change a mistake."""
    facts = {"from_email": before, "to_email": user.email, "user": user}
    with request_context(request):  # by which the library knows the network's address, also after the commit
        get_adapter().send_notification_mail("account/email/email_changed", user, facts, email=before)
