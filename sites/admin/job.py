"""Jobs on sites, with their progress, and what became of schemas."""

from typing import ClassVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from products.admin.asking import the_row
from products.admin.base import (
    NOTHING,
    Admin,
    DateRange,
    Inline,
    LooksAgain,
    ReadOnly,
    action,
    display,
    named_by,
    state_badge,
)
from sites.models import RetiredSchema, SiteJob, SiteMigration
from sites.operations.jobs import progress

PERMISSION = "sites.care_for_sites"
COLOURS = {
    SiteJob.State.WAITING: "warning",
    SiteJob.State.RUNNING: "info",
    SiteJob.State.DONE: "success",
    SiteJob.State.FAILED: "danger",
}


@admin.register(SiteJob)
class SiteJobAdmin(LooksAgain, ReadOnly, Admin[SiteJob]):
    list_display = ("kind", "site", "state_label", "asked_by", "asked_at", "finished_at")
    list_display_links = ("kind", "site")
    list_select_related = ("site",)
    list_filter = ("kind", "state", ("asked_at", DateRange))
    search_fields = ("site__name", "site__slug", "archive", "asked_by")
    fields = (
        *("kind", "site", "state_label", "how_far", "error", "archive", "name", "slug"),
        *("asked_by", "asked_at", "started_at", "finished_at"),
    )
    readonly_fields = fields
    actions_detail: ClassVar[tuple[str, ...]] = ("download",)

    state_label = state_badge(COLOURS)

    def has_download_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        done = SiteJob.objects.filter(kind=SiteJob.Kind.EXPORT, state=SiteJob.State.DONE)
        return request.user.has_perm(PERMISSION) and named_by(done, object_id).exists()

    @action(description=_("Download"), url_path="download", permissions=["download"], icon="download")
    def download(self, request: HttpRequest, object_id: str) -> HttpResponse | FileResponse:
        job: SiteJob = the_row(self, request, object_id)
        if not self.has_download_permission(request, object_id):
            raise PermissionDenied
        if not job.path.exists():
            raise Http404
        return FileResponse(job.path.open("rb"), as_attachment=True, filename=job.archive)

    @display(description=_("progress"))
    def how_far(self, job: SiteJob) -> str:
        if job.state != SiteJob.State.RUNNING:
            return NOTHING
        percent, what = progress(job)
        return f"{percent} %  {what}".rstrip()

    def is_under_way(self, object_id: str) -> bool:
        return named_by(SiteJob.objects.filter(finished_at=None), object_id).exists()


class MigrationInline(ReadOnly, Inline[SiteMigration]):
    """A site's migration, on its page."""

    model = SiteMigration
    fields = ("state_label", "heads", "attempts", "seconds", "started_at", "finished_at", "error")
    readonly_fields = fields
    tab = True

    state_label = state_badge(
        {
            SiteMigration.State.RUNNING: "info",
            SiteMigration.State.DONE: "success",
            SiteMigration.State.FAILED: "danger",
        }
    )


@admin.register(RetiredSchema)
class RetiredSchemaAdmin(ReadOnly, Admin[RetiredSchema]):
    list_display = ("site_name", "host", "reason", "retired_at", "erase_after", "erased_at")
    list_filter = ("reason", ("retired_at", DateRange))
    search_fields = ("site_name", "host", "site_uid", "schema_name")
    fields = (
        *("site_name", "host", "site_uid", "schema_name", "reason"),
        *("retired_at", "erase_after", "erased_at", "files", "bytes"),
    )
    readonly_fields = fields
