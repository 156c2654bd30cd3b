"""Imports: a file comes in, is looked through, and is brought in when somebody says so."""

from collections.abc import Sequence
from typing import Any, ClassVar, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import User
from checkout.imports import tasks
from checkout.imports.admin.upload import UploadForm, columns_of, csv_file, example
from checkout.imports.forms import ROWS
from checkout.imports.models import ImportJob, ImportJobQuerySet, ImportRow
from checkout.imports.operations import begin_import, run_import, stop_import
from checkout.imports.operations.reading import TOO_MANY
from products.admin.asking import NothingToChoose, ask, the_row
from products.admin.base import NOTHING, Admin, LooksAgain, action, display, named_by, state_badge

PERMISSION = "imports.run_imports"
SHOWN = 10
COLOURS = {
    ImportJob.State.CHECKING: "info",
    ImportJob.State.CHECKED: "warning",
    ImportJob.State.RUNNING: "info",
    ImportJob.State.DONE: "success",
}
COUNTED = {
    ImportRow.State.NEW: _("not checked yet"),
    ImportRow.State.RIGHT: _("ready to import"),
    ImportRow.State.DONE: _("imported"),
    ImportRow.State.KNOWN: _("here already"),
    ImportRow.State.REFUSED: _("refused"),
}


@admin.register(ImportJob)
class ImportJobAdmin(LooksAgain, Admin[ImportJob]):
    list_display = ("file_name", "kind", "state_label", "rows_by_state", "asked_by", "asked_at")
    list_filter = ("kind", "state")
    list_select_related = ("asked_by",)
    search_fields = ("file_name", "asked_by__email")
    sortable_by = ()
    actions_detail: ClassVar[tuple[str, ...]] = ("bring_in", "stop", "refused")
    change_form_outer_after_template = "admin/imports/importjob/rows.html"
    add_form_template = "admin/imports/importjob/add_form.html"
    warn_unsaved_form = False  # of a page that changes by itself

    state_label = state_badge(COLOURS)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(PERMISSION)

    def has_view_permission(self, request: HttpRequest, obj: ImportJob | None = None) -> bool:
        return request.user.has_perm(PERMISSION) or super().has_view_permission(request, obj)

    def has_change_permission(self, _request: HttpRequest, *_args: Any) -> bool:
        return False

    def has_delete_permission(self, _request: HttpRequest, *_args: Any) -> bool:
        """It is forgotten by itself; what it brought in stays."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[ImportJob]:
        return super().get_queryset(request).with_counts()  # type: ignore[attr-defined, no-any-return]  # the model's own

    @display(description=_("rows"))
    def rows_by_state(self, job: ImportJob) -> str:
        counts = ((getattr(job, f"count_{state.value}"), word) for state, word in COUNTED.items())
        return ", ".join(f"{count} {word}" for count, word in counts if count) or NOTHING

    # A new one

    def get_fieldsets(self, _request: HttpRequest, obj: ImportJob | None = None) -> Any:
        if obj is None:
            return [(None, {"fields": ("kind", "file")})]
        shown = (
            "kind",
            "file_name",
            "state_label",
            "rows_by_state",
            "asked_by",
            "asked_at",
            "begun_at",
            "finished_at",
        )
        return [(None, {"fields": shown})]

    def get_readonly_fields(self, _request: HttpRequest, obj: ImportJob | None = None) -> tuple[str, ...]:
        return () if obj is None else ("state_label", "rows_by_state")

    def get_form(self, request: HttpRequest, obj: ImportJob | None = None, *args: Any, **kwargs: Any) -> Any:
        if obj is None:
            return UploadForm
        return super().get_form(request, obj, *args, **kwargs)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        columns = [
            {
                "title": label,
                "table": columns_of(kind),
                "example": reverse("admin:imports_importjob_example", args=[kind]),
            }
            for kind, label in ImportJob.Kind.choices
        ]
        context = {"columns": columns, "show_save_and_add_another": False, "show_save_and_continue": False}
        return super().add_view(request, form_url, {**context, **(extra_context or {})})

    def save_model(self, request: HttpRequest, obj: ImportJob, form: Any, _change: Any) -> None:
        job = begin_import(
            kind=obj.kind,
            file_name=form.cleaned_data["file"].name,
            lines=form.lines,
            asked_by=cast("User", request.user),
            now=timezone.now(),
        )
        obj.pk = job.pk
        obj.refresh_from_db()
        tasks.work_on_import.enqueue(job_id=job.pk)

    def response_add(self, request: HttpRequest, obj: ImportJob, _url: Any = None) -> HttpResponse:
        messages.info(request, _("The file is being checked. Nothing is imported yet."))
        return redirect("admin:imports_importjob_change", obj.pk)

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self._example)
        return [path("example/<slug:kind>.csv", view, name="imports_importjob_example"), *super().get_urls()]

    def _example(self, request: HttpRequest, kind: str) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        if kind not in ROWS:
            raise Http404
        return example(kind, today=timezone.localdate())

    # One of them

    def is_under_way(self, object_id: str) -> bool:
        return _jobs(object_id).under_way().exists()

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        job: ImportJob | None = context["original"]
        if job is not None:
            context |= _rows_of(job)
        return super().render_change_form(request, context, *args, **kwargs)

    def has_bring_in_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self._may(request, object_id, ImportJob.State.CHECKED, rows=ImportRow.State.RIGHT)

    def has_stop_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self._may(request, object_id, ImportJob.State.RUNNING)

    def has_refused_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        refused = _jobs(object_id).filter(rows__state=ImportRow.State.REFUSED)
        return self.has_view_permission(request) and refused.exists()

    def _may(
        self, request: HttpRequest, object_id: str | None, state: ImportJob.State, *, rows: str | None = None
    ) -> bool:
        jobs = _jobs(object_id).filter(state=state)
        if rows is not None:
            jobs = jobs.filter(rows__state=rows)
        return request.user.has_perm(PERMISSION) and jobs.exists()

    @action(description=_("Import"), url_path="bring-in", permissions=["bring_in"], icon="download_done")
    def bring_in(self, request: HttpRequest, object_id: str) -> HttpResponse:
        job: ImportJob = the_row(self, request, object_id)
        if request.method == "POST":
            if run_import(job=job, now=timezone.now()):
                tasks.work_on_import.enqueue(job_id=job.pk)
            return redirect("admin:imports_importjob_change", job.pk)
        right, refused = getattr(job, "count_right", 0), getattr(job, "count_refused", 0)
        left_out = (
            ngettext("%s row is refused and left out.", "%s rows are refused and left out.", refused)
            % refused
        )
        return ask(
            self, request, job, form=NothingToChoose(), title=_("Import the rows that are right"),
            button=ngettext("Import %s row", "Import %s rows", right) % right,
            facts=[(_("file"), job.file_name), (_("rows"), self.rows_by_state(job))],
            warning=left_out if refused else "",
        )  # fmt: skip

    @action(description=_("Stop"), url_path="stop", permissions=["stop"], icon="pause")
    def stop(self, request: HttpRequest, object_id: str) -> HttpResponse:
        job: ImportJob = the_row(self, request, object_id)
        if request.method == "POST":
            stop_import(job=job)
            return redirect("admin:imports_importjob_change", job.pk)
        warning = _("What is imported stays. The other rows wait until you go on.")
        return ask(
            self, request, job, form=NothingToChoose(), title=_("Stop the import"), button=_("Stop"), warning=warning,
            facts=[(_("file"), job.file_name), (_("rows"), self.rows_by_state(job))],
        )  # fmt: skip

    @action(description=_("Refused rows (CSV)"), url_path="refused", permissions=["refused"], icon="download")
    def refused(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """As they came, to be mended and brought in by themselves."""
        job: ImportJob = the_row(self, request, object_id)
        rows = job.rows.filter(state=ImportRow.State.REFUSED).order_by("line")
        values = (row.values for row in rows.iterator())
        return csv_file(f"refused-{job.pk}", kind=job.kind, rows=values)


def _jobs(object_id: str | None) -> ImportJobQuerySet:
    """The import that the address names, if it names one."""
    return named_by(ImportJob.objects.all(), object_id)


def _rows_of(job: ImportJob) -> dict[str, Any]:
    """The first rows that were refused, and the first that are right, as tables."""
    rows = job.rows.select_related("job")
    refused = rows.filter(state=ImportRow.State.REFUSED)[:SHOWN]
    others = rows.exclude(state__in=[ImportRow.State.REFUSED, ImportRow.State.NEW])[:SHOWN]
    return {
        "refused_rows": _table([_("line"), _("column"), _("typed"), _("what is wrong")], _wrong(refused)),
        "other_rows": _table(
            [_("line"), _("state"), _("row")],
            [[row.line, row.get_state_display(), summary(row)] for row in others],
        ),
        "all_rows": f"{reverse('admin:imports_importrow_changelist')}?job__id__exact={job.pk}",
    }


def _wrong(rows: QuerySet[ImportRow]) -> list[Sequence[Any]]:
    return [
        [row.line, column, row.values.get(column, ""), " ".join(sentences)]
        for row in rows
        for column, sentences in row.errors.items()
    ]


def _table(headers: Sequence[Any], rows: Sequence[Sequence[Any]]) -> dict[str, Any] | None:
    return {"headers": headers, "rows": rows} if rows else None


def typed(row: ImportRow) -> list[tuple[str, str]]:
    """What stands in a row, by column, in the order of the documentation; a document of the database keeps none."""
    names = [*(name for name, _field in ROWS[row.job.kind].columns()), TOO_MANY]
    return [(name, row.values[name]) for name in names if row.values.get(name)]


def summary(row: ImportRow) -> str:
    """As much of it as a line of a table holds."""
    return " · ".join(value for _name, value in typed(row))[:60]
