"""Starter sites: the sites that others begin as."""

from typing import Any

from django.contrib import admin
from django.db.models import ForeignKey
from django.forms import ModelChoiceField
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from products.admin.base import Admin, display
from sites.content.placeholders import OWNER, SITE_TITLE
from sites.models import Site, Starter


@admin.register(Starter)
class StarterAdmin(Admin[Starter]):
    list_display = ("name", "site", "description", "is_offered", "is_default")
    list_select_related = ("site",)
    list_filter = ("is_offered",)
    search_fields = ("name", "site__name", "site__slug")
    fields = ("site", "name", "description", "is_offered", "is_default", "placeholders")
    readonly_fields = ("placeholders",)

    @display(description=_("placeholders"))
    def placeholders(self, _starter: Starter) -> str:
        words = _("Write %(title)s and %(owner)s on the site's pages; new sites have their own there.")
        return words % {"title": SITE_TITLE, "owner": OWNER}

    def formfield_for_foreignkey(
        self, db_field: "ForeignKey[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> "ModelChoiceField[Any] | None":
        if db_field.name == "site":
            kwargs["queryset"] = Site.objects.ready().order_by("name")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)
