"""People who work on a site, as the dashboard's *Users* shows them."""

from typing import Any, ClassVar

from django import forms
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from wagtail.users.forms import UserCreationForm, UserEditForm
from wagtail.users.views.users import UserViewSet

from products.limits import Kind
from sites import entitlements


class _NamedPerson(forms.ModelForm):  # type: ignore[type-arg]  # Django cannot be asked at run time
    """One field for a name; no passwords, because people enter from the network."""

    first_name: ClassVar[None] = None
    last_name: ClassVar[None] = None
    password_enabled = False


class SiteUserCreationForm(_NamedPerson, UserCreationForm):  # type: ignore[misc]  # Wagtail ships no types
    class Meta(UserCreationForm.Meta):  # type: ignore[misc]  # Wagtail ships no types
        fields = ("email", "name", "is_superuser", "groups")
        labels = {"name": _("Name")}

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        reached = entitlements.refusal_of(Kind.USERS)
        if reached is not None:
            self.add_error(
                "email", entitlements.explain_with_way_out(reached)
            )  # a field's error may hold a link
        return cleaned

    @transaction.atomic
    def save(self, commit: bool = True) -> Any:  # noqa: FBT001, FBT002 -- Django's signature
        if commit:
            entitlements.claim(Kind.USERS)
        self.instance.set_unusable_password()
        return super().save(commit=commit)


class SiteUserEditForm(_NamedPerson, UserEditForm):  # type: ignore[misc]  # Wagtail ships no types
    class Meta(UserEditForm.Meta):  # type: ignore[misc]  # Wagtail ships no types
        fields = ("email", "name", "is_active", "is_superuser", "groups")
        labels = {"name": _("Name")}


class SiteUserViewSet(UserViewSet):  # type: ignore[misc]  # Wagtail ships no types
    def get_form_class(self, for_update: bool = False) -> "type[forms.ModelForm[Any]]":  # noqa: FBT001, FBT002 -- Wagtail's
        return SiteUserEditForm if for_update else SiteUserCreationForm
