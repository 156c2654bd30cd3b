"""Sites as the network sees them: where they stand, what they use, and how far they have come."""

from typing import Any, ClassVar, cast
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from memberships.admin.membership import MembershipAdmin
from products.admin.base import (
    NOTHING,
    Admin,
    DateRange,
    Inline,
    ReadOnly,
    action,
    badge,
    display,
    named_by,
    state_badge,
)
from products.limit_display import format_limit
from products.limits import Kind, Scope, is_near
from products.models.limit import LABELS
from sites.admin import care, try_again, visit
from sites.admin.job import PERMISSION, MigrationInline
from sites.admin.over_limit import OverLimitInline
from sites.admin.visit import PERMISSION as PERMISSION_TO_VISIT
from sites.admin.visit import VisitInline
from sites.models import ContentSwitch, Domain, OwnerVisit, ProvisioningStep, Site
from sites.models.site import SiteQuerySet

SITE_COLOURS = {
    Site.State.PROVISIONING: "warning",
    Site.State.READY: "success",
    Site.State.FAILED: "danger",
    Site.State.MAINTENANCE: "danger",
    Site.State.RECYCLED: "info",
}
STEP_COLOURS = {
    ProvisioningStep.State.WAITING: "warning",
    ProvisioningStep.State.DONE: "success",
    ProvisioningStep.State.FAILED: "danger",
}


class StepInline(ReadOnly, Inline[ProvisioningStep]):
    model = ProvisioningStep
    fields = ("position", "name", "state_label", "attempts", "started_at", "duration", "error")
    readonly_fields = fields
    ordering = ("position",)
    tab = True

    state_label = state_badge(STEP_COLOURS)

    @display(description=_("duration"))
    def duration(self, step: ProvisioningStep) -> str:
        return NOTHING if step.seconds is None else f"{number_format(step.seconds * 1000, decimal_pos=0)} ms"


class ContentSwitchInline(ReadOnly, Inline[ContentSwitch]):
    model = ContentSwitch
    verbose_name_plural = _("changes of content")
    fields = (
        *("starter_name", "state_label", "attempts", "asked_at", "finished_at", "kept_until", "erased_at"),
        "error",
    )
    readonly_fields = fields
    tab = True

    state_label = state_badge(STEP_COLOURS)


class ToLookAt(admin.SimpleListFilter):
    """Sites that a person should look at."""

    title = _("to look at")
    parameter_name = "look"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, Any]]:
        return [("paid_not_ready", _("paid and not ready"))]

    def queryset(self, _request: HttpRequest, sites: QuerySet[Site]) -> QuerySet[Site]:
        found = cast("SiteQuerySet", sites)
        return found.paid_not_ready(at=timezone.now()) if self.value() == "paid_not_ready" else found


class DomainInline(ReadOnly, Inline[Domain]):
    model = Domain
    fields = ("domain", "is_primary", "created_at")
    readonly_fields = fields
    tab = True


@admin.register(Site)
class SiteAdmin(ReadOnly, Admin[Site]):
    list_display = ("title", "membership", "state_label", "disk", "created_at")
    list_select_related = ("membership__customer__user",)
    list_filter = (ToLookAt, "state", "access", "is_canary", ("created_at", DateRange))
    search_fields = (
        *("name", "slug", "uid", "schema_name", "domains__domain"),
        "membership__customer__user__email",
    )
    fields = (
        *("name", "address", "membership", "state_label", "is_canary", "access"),
        *("limits_and_usage", "usage_at"),
        *("starter", "schema_name", "uid", "created_at", "ready_at", "recycled_at"),
    )
    readonly_fields = fields
    inlines = (StepInline, ContentSwitchInline, DomainInline, OverLimitInline, MigrationInline, VisitInline)
    actions_detail: ClassVar[tuple[str, ...]] = (
        *(
            "visit",
            "end_visit",
            "try_again",
            "make_starter",
            "export",
            "restore",
            "clone",
            "put_into_bin",
            "put_back",
        ),
    )
    actions = ("make_canaries", "make_others")

    state_label = state_badge(SITE_COLOURS)

    def has_care_permission(self, request: HttpRequest, _object_id: str | None = None) -> bool:
        return request.user.has_perm(PERMISSION)

    def has_delete_site_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self.has_care_permission(request) and not _is_in_the_bin(object_id)

    def has_put_back_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self.has_care_permission(request) and _is_in_the_bin(object_id)

    def has_visit_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        ready = named_by(Site.objects.ready(), object_id)
        return request.user.has_perm(PERMISSION_TO_VISIT) and ready.exists()

    @action(description=_("Visit as owner"), url_path="visit", permissions=["visit"], icon="login")
    def visit(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return visit.page(self, request, object_id)

    def has_end_visit_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        running = OwnerVisit.objects.filter(site=OuterRef("pk"), ended_at=None)
        visited = named_by(Site.objects.filter(Exists(running)), object_id)
        return request.user.has_perm(PERMISSION_TO_VISIT) and visited.exists()

    @action(description=_("End the visit"), url_path="end-visit", permissions=["end_visit"], icon="logout")
    def end_visit(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return visit.end_page(self, request, object_id)

    @action(description=_("Export"), url_path="export", permissions=["care"], icon="archive")
    def export(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return care.export_page(self, request, object_id)

    @action(description=_("Restore"), url_path="restore", permissions=["care"], icon="unarchive")
    def restore(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return care.restore_page(self, request, object_id)

    @action(description=_("Clone"), url_path="clone", permissions=["care"], icon="content_copy")
    def clone(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return care.clone_page(self, request, object_id)

    @action(description=_("Delete"), url_path="recycle", permissions=["delete_site"], icon="delete")
    def put_into_bin(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return care.delete_page(self, request, object_id)

    @action(
        description=_("Put back"), url_path="put-back", permissions=["put_back"], icon="restore_from_trash"
    )
    def put_back(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return care.put_back_page(self, request, object_id)

    @admin.action(description=_("Get new migrations first"), permissions=["care"])
    def make_canaries(self, request: HttpRequest, sites: QuerySet[Site]) -> None:
        count = sites.update(is_canary=True)
        sentence = ngettext("%s site gets new migrations first.", "%s sites get new migrations first.", count)
        messages.success(request, sentence % count)

    @admin.action(description=_("Get new migrations with the others"), permissions=["care"])
    def make_others(self, request: HttpRequest, sites: QuerySet[Site]) -> None:
        count = sites.update(is_canary=False)
        sentence = ngettext(
            "%s site gets new migrations with the others.",
            "%s sites get new migrations with the others.",
            count,
        )
        messages.success(request, sentence % count)

    @action(description=_("Try again"), url_path="try-again", permissions=["try_again"], icon="refresh")
    def try_again(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return try_again.page(self, request, object_id)

    def has_try_again_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        unfinished = named_by(Site.objects.unfinished(), object_id).exists()
        failed = named_by(
            Site.objects.filter(content_switches__in=ContentSwitch.objects.failed_last()), object_id
        )
        return (unfinished or failed.exists()) and request.user.has_perm("sites.change_site")

    @action(
        description=_("Make it a starter site"),
        url_path="starter",
        permissions=["make_starter"],
        icon="content_copy",
    )
    def make_starter(self, _request: HttpRequest, object_id: str) -> HttpResponse:
        add = reverse("admin:sites_starter_add")
        return redirect(f"{add}?{urlencode({'site': object_id})}")

    def has_make_starter_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        fit = named_by(Site.objects.ready().filter(as_starter=None), object_id).exists()
        return fit and request.user.has_perm("sites.add_starter")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Site]:
        return super().get_queryset(request).select_related("membership__customer__user")

    @display(description=_("site"), ordering="name", header=True)
    def title(self, site: Site) -> tuple[str, str]:
        return site.name, site.host

    @display(description=_("address"))
    def address(self, site: Site) -> SafeString:
        return format_html('<a class="text-link" href="{0}">{0}</a>', site.url)

    @display(description=_("disk space"))
    def disk(self, site: Site) -> str:
        return used_text(Kind.DISK, site.usage.get(Kind.DISK))

    @display(description=_("limits and usage"))
    def limits_and_usage(self, site: Site) -> SafeString:
        headers = [_("limit"), _("used"), _("allowed"), ""]
        rows = [
            [
                LABELS[kind],
                used_text(kind, site.usage.get(kind)),
                format_limit(kind, site.limits[kind]),
                room(kind, site.usage.get(kind), site.limits[kind]),
            ]
            for kind in Kind
            if kind.scope == Scope.SITE
        ]
        return render_to_string("admin/products/table.html", {"table": {"headers": headers, "rows": rows}})


class SiteInline(ReadOnly, Inline[Site]):
    """A membership's sites, on its page."""

    model = Site
    fields = ("name", "slug", "state_label", "disk", "created_at")
    readonly_fields = fields
    show_change_link = True
    tab = True

    state_label = state_badge(SITE_COLOURS)
    disk = SiteAdmin.disk


MembershipAdmin.inlines = (*MembershipAdmin.inlines, SiteInline)


def _is_in_the_bin(object_id: str | None) -> bool:
    return named_by(Site.objects.filter(state=Site.State.RECYCLED), object_id).exists()


def room(kind: Kind, used: int | None, allowed: int | None) -> str:
    """A label where little or nothing is left; nothing where there is room, or nothing to count."""
    if used is None or allowed is None or kind.is_switch:
        return ""
    if used > allowed:
        return badge(gettext("over the limit"), "danger")
    if used == allowed:
        return badge(gettext("all used"), "warning") if used else ""
    return badge(gettext("nearly used up"), "warning") if is_near(used=used, allowed=allowed) else ""


def used_text(kind: Kind, used: int | None) -> str:
    """What is used, as people count it; nothing for what is not counted."""
    return NOTHING if used is None or kind.is_switch else format_limit(kind, used)
