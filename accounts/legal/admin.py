from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminSelectWidget

from accounts.legal.models import Acceptance, LegalText


class LegalTextForm(forms.ModelForm):  # type: ignore[type-arg]  # Django's class takes no argument at run time
    language = forms.ChoiceField(
        label=capfirst(_("language")), choices=settings.LANGUAGES, widget=UnfoldAdminSelectWidget
    )


@admin.register(LegalText)
class LegalTextAdmin(ModelAdmin):  # type: ignore[misc]  # Unfold ships no types
    """What people have agreed to stays as they read it: a change is a new version."""

    form = LegalTextForm
    list_display = ("kind", "in_force_from", "language", "accepted_by")
    list_filter = ("kind", "language")
    search_fields = ("body",)
    fields = ("kind", "language", "in_force_from", "body")
    view_on_site = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[LegalText]:
        texts: QuerySet[LegalText] = super().get_queryset(request)
        return texts.annotate(accepted_by=Count("acceptances"))

    @admin.display(description=_("accepted by"), ordering="accepted_by")
    def accepted_by(self, text: Any) -> int:
        count: int = text.accepted_by
        return count

    def has_change_permission(self, request: HttpRequest, obj: LegalText | None = None) -> bool:
        return super().has_change_permission(request, obj) and not _is_accepted(obj)

    def has_delete_permission(self, request: HttpRequest, obj: LegalText | None = None) -> bool:
        return super().has_delete_permission(request, obj) and not _is_accepted(obj)


@admin.register(Acceptance)
class AcceptanceAdmin(ModelAdmin):  # type: ignore[misc]  # Unfold ships no types
    """Who agreed to which wording, and when."""

    list_display = ("user", "text", "accepted_at")
    list_select_related = ("user", "text")
    list_filter = ("text__kind", "text__language")
    search_fields = ("user__email", "user__name")
    fields = readonly_fields = ("user", "text", "accepted_at")

    def has_add_permission(self, _request: HttpRequest, *_args: Any) -> bool:
        return False

    def has_change_permission(self, _request: HttpRequest, *_args: Any) -> bool:
        return False

    def has_delete_permission(self, _request: HttpRequest, *_args: Any) -> bool:
        return False


def _is_accepted(text: LegalText | None) -> bool:
    return text is not None and text.acceptances.exists()
