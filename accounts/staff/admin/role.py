"""Roles: the four that every network has, and those that it made for itself."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.models import Group, Permission
from django.db.models import Count, ManyToManyField, QuerySet
from django.forms import ModelMultipleChoiceField
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from accounts.staff.models import ABOUT, Role, role_label

NOT_TO_GIVE = ("auth", "staff")  # whoever decides about roles could take any
USUAL = {"view": _("see"), "add": _("add"), "change": _("edit"), "delete": _("delete")}

admin.site.unregister(Group)


@admin.register(Group)
class RoleAdmin(GroupAdmin, ModelAdmin):  # type: ignore[misc]  # Unfold ships no types
    """Only those who decide about the staff make roles; and the four of the house say what the code says."""

    filter_horizontal = ()  # a plain list: Django's own pair of lists names its icons where no screen reader looks
    list_display = ("label", "about", "people")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        groups: QuerySet[Group] = super().get_queryset(request)
        return groups.annotate(people_count=Count("user", distinct=True))

    @admin.display(description=_("role"), ordering="name")
    def label(self, group: Group) -> str:
        return role_label(group)

    @admin.display(description=_("what it is for"))
    def about(self, group: Group) -> Any:
        return ABOUT[Role(group.name)] if group.name in Role else _("A role of your own.")

    @admin.display(description=_("people"), ordering="people_count")
    def people(self, group: Any) -> int:
        count: int = group.people_count
        return count

    def get_fields(self, _request: HttpRequest, obj: Group | None = None) -> tuple[str, ...]:
        return ("name", "may") if _is_ours(obj) else ("name", "permissions")

    def get_readonly_fields(self, _request: HttpRequest, obj: Group | None = None) -> tuple[str, ...]:
        return ("may",) if _is_ours(obj) else ()

    @admin.display(description=_("may"))
    def may(self, group: Group) -> SafeString:
        """What the role may do with each kind of row, a line each."""
        granted: dict[str, dict[str, None]] = {}  # ordered; two kinds of rows can be called the same
        permissions = group.permissions.select_related("content_type").order_by("pk")
        for permission in sorted(permissions, key=lambda each: not each.codename.startswith("view_")):
            what, _sep, kind = permission.codename.partition("_")
            is_usual = kind == permission.content_type.model and what in USUAL
            word = str(USUAL[what]) if is_usual else gettext(permission.name)
            granted.setdefault(str(capfirst(permission.content_type.name)), {})[word] = None
        rows = [[kind, ", ".join(words)] for kind, words in sorted(granted.items())]
        return render_to_string(
            "unfold/components/table.html", {"table": {"headers": [_("rows of"), _("may")], "rows": rows}}
        )

    def formfield_for_manytomany(
        self, db_field: "ManyToManyField[Any, Any]", request: HttpRequest | None = None, **kwargs: Any
    ) -> "ModelMultipleChoiceField[Any] | None":
        offered = Permission.objects.exclude(content_type__app_label__in=NOT_TO_GIVE)
        kwargs["queryset"] = offered.select_related("content_type")
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and _decides(request)

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return super().has_change_permission(request, obj) and _decides(request) and not _is_ours(obj)

    def has_delete_permission(self, _request: HttpRequest, *_args: Any) -> bool:
        """Wagtail's tables refer to groups, and stand in the sites' schemas only: Django would look for them here. A
        role that is not wanted is taken from those who have it, and renamed."""
        return False


def _decides(request: HttpRequest) -> bool:
    return request.user.has_perm("staff.change_staffmember")


def _is_ours(group: Group | None) -> bool:
    return group is not None and group.name in Role
