"""A list as a file: what was filtered, in the order that it is shown, for a spreadsheet."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext
from import_export.fields import Field
from import_export.formats.base_formats import CSV, XLSX
from import_export.resources import Resource
from unfold.contrib.import_export.forms import ExportForm

from products import currencies

MOST_ROWS = 10_000  # a person waits for it: a workbook takes some 15 seconds of a processor
RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r", "\n")
UNREADABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # for a spreadsheet

if TYPE_CHECKING:  # the library ships no types

    class ColumnBase:
        def __init__(self, **options: Any) -> None: ...

    class File: ...

    class ExportMixin: ...

else:
    from import_export.admin import ExportMixin

    ColumnBase, File = Field, Resource


def harmless(text: str) -> str:
    """`text` in a cell, where a spreadsheet would take it for a formula kept from running."""
    text = UNREADABLE.sub("\N{REPLACEMENT CHARACTER}", text)
    return f"'{text}" if text.startswith(RUN_BY_SPREADSHEETS) else text


class Column(ColumnBase):
    """A column with what stands in it for a row: a text, a number, a date, or nothing."""

    def __init__(self, title: Any, of: Callable[[Any], Any]) -> None:
        super().__init__(column_name=title, readonly=True)
        self.of = of

    def export(self, instance: Any, **options: Any) -> Any:
        """As the format wants it: workbooks know numbers and dates, in a CSV all is text."""
        value = self.of(instance)
        native = bool(options.get("force_native_type"))
        match value:
            case None:
                return ""
            case datetime():
                local = timezone.localtime(value)
                return local.replace(tzinfo=None) if native else local.isoformat(timespec="seconds")
            case int() | Decimal():
                return value if native else str(value)
            case _:
                return harmless(str(value))


def column(title: Any, path: str) -> Column:
    """The value at `path`, such as `membership.customer`."""
    return Column(title, attrgetter(path))


def amount_column(title: Any, path: str, *, currency: str = "currency") -> Column:
    """The minor units at `path` in major units, as a plain number: the currency has a column of its own."""
    minor, code = attrgetter(path), attrgetter(currency)
    return Column(title, lambda row: currencies.to_major(minor(row), code(row)))


class Rows(File):
    """A file with the columns that a subclass names, in that order. Raises ValueError, which the library shows to the
    person, when there are more rows than one file takes."""

    @classmethod
    def get_display_name(cls) -> str:
        """The library names the file's kind where a list offers several."""
        return cls.__name__

    def before_export(self, rows: QuerySet[Any], **_: Any) -> None:
        if rows.order_by()[MOST_ROWS : MOST_ROWS + 1].exists():
            sentence = gettext("A file takes %s rows at most. Filter the list, and export it in parts.")
            raise ValueError(sentence % number_format(MOST_ROWS))


class Exportable(ExportMixin):
    """A list with an *Export* button, for those who may see the rows. `resource_classes` holds the file's columns."""

    resource_classes: ClassVar[Sequence[type[Rows]]]
    export_form_class = ExportForm
    import_export_change_list_template = "admin/products/export_list.html"
    export_formats = (CSV, XLSX)
    to_encoding = "utf-8-sig"  # by which spreadsheets know UTF-8 in a CSV

    def has_export_permission(self, request: HttpRequest) -> bool:
        allowed: bool = self.has_view_permission(request)  # type: ignore[attr-defined]  # ModelAdmin's
        return allowed
