"""The rows of imports: what was in each, what became of it, and why."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from checkout.imports.admin.job import PERMISSION, summary, typed
from checkout.imports.models import ImportRow
from products.admin.base import NOTHING, Admin, ReadOnly, display, state_badge

COLOURS = {
    ImportRow.State.RIGHT: "warning",
    ImportRow.State.DONE: "success",
    ImportRow.State.KNOWN: "info",
    ImportRow.State.REFUSED: "danger",
}


@admin.register(ImportRow)
class ImportRowAdmin(ReadOnly, Admin[ImportRow]):
    list_display = ("line", "job", "state_label", "what", "why")
    list_filter = ("state", "job")
    list_select_related = ("job",)
    search_fields = ("values", "job__file_name")
    fields = ("job", "line", "state_label", "why", "made", "typed")
    readonly_fields = fields

    state_label = state_badge(COLOURS)

    def has_view_permission(self, request: HttpRequest, obj: ImportRow | None = None) -> bool:
        return request.user.has_perm(PERMISSION) or super().has_view_permission(request, obj)

    @display(description=_("row"))
    def what(self, row: ImportRow) -> str:
        return summary(row)

    @display(description=_("what is wrong"))
    def why(self, row: ImportRow) -> str:
        return " ".join(f"{column}: {' '.join(said)}" for column, said in row.errors.items()) or NOTHING

    @display(description=_("made"))
    def made(self, row: ImportRow) -> Any:
        thing = row.product or row.membership
        if thing is None:
            return NOTHING
        name = f"admin:{thing._meta.app_label}_{thing._meta.model_name}_change"  # noqa: SLF001 -- Django's public API
        return format_html(
            '<a class="font-medium text-link" href="{}">{}</a>', reverse(name, args=[thing.pk]), thing
        )

    @display(description=_("typed"))
    def typed(self, row: ImportRow) -> Any:
        pairs = format_html_join("", "<dt>{}</dt><dd>{}</dd>", typed(row))
        return format_html('<dl class="import-row">{}</dl>', pairs)
