"""What the page of a new import asks for, and the files that explain it."""

import csv
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from django import forms
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminSelectWidget

from checkout.imports.forms import ROWS
from checkout.imports.models import ImportJob
from checkout.imports.operations import Unreadable, read_csv
from products.admin.export import harmless

A_MONTH = timedelta(days=30)


class UploadForm(forms.ModelForm):  # type: ignore[type-arg]  # Django's class takes none at run time
    """`lines` are what the file holds, once it is read."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What the file holds"),
        choices=ImportJob.Kind.choices,
        widget=UnfoldAdminSelectWidget,
    )
    file = forms.FileField(
        label=gettext_lazy("File"),
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".csv,text/csv"}),
        help_text=gettext_lazy(
            "Comma-separated values (CSV), in UTF-8. Nothing is imported before you say so."
        ),
    )

    class Meta:
        model = ImportJob
        fields = ("kind",)

    def clean(self) -> dict[str, Any]:
        if not self.errors:
            try:
                self.lines = read_csv(self.cleaned_data["file"].read(), kind=self.cleaned_data["kind"])
            except Unreadable as error:
                self.add_error("file", str(error))
        return self.cleaned_data


def columns_of(kind: str) -> dict[str, Any]:
    """The columns of a kind of file as Unfold's table: name, whether it must be there, what stands in it."""
    return {
        "headers": [_("Column"), _("Must be there"), _("What stands in it"), _("Example")],
        "rows": [
            [name, _("yes") if field.required else "", field.help_text, ROWS[kind].example.get(name, "")]
            for name, field in ROWS[kind].columns()
        ],
    }


def example(kind: str, *, today: date) -> HttpResponse:
    """A file with the names of all columns and one row, to begin with; its next bill is still to come."""
    soon = {"next_renewal": f"{today + A_MONTH:%Y-%m-%d}"}
    return csv_file(kind, kind=kind, rows=[ROWS[kind].example | soon])


def csv_file(name: str, *, kind: str, rows: Iterable[Mapping[str, str]]) -> HttpResponse:
    """A file of that kind, with all columns. What a spreadsheet would take for a formula is kept from running."""
    answer = HttpResponse(
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )
    answer.write("\ufeff")  # by which spreadsheets know UTF-8
    columns = [column for column, _field in ROWS[kind].columns()]
    lines = csv.writer(answer)
    lines.writerow(columns)
    lines.writerows([harmless(row.get(column, "")) for column in columns] for row in rows)
    return answer
