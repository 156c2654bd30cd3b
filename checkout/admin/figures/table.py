"""What a block or a list shows as a table, and gives away as CSV."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.utils.formats import number_format
from django.utils.html import format_html

from products import currencies
from products.admin.export import harmless
from products.money_display import format_money


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A `text` to read, which may lead somewhere, and its `value` in a file when that is another."""

    text: str
    href: str = ""
    value: str | None = None

    @property
    def html(self) -> str:
        if not self.href:
            return self.text
        return format_html('<a class="font-medium text-link" href="{}">{}</a>', self.href, self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    headers: Sequence[str]
    rows: Sequence[Sequence[Cell]]

    @property
    def shown(self) -> dict[str, Any]:
        """As Unfold's table component takes it."""
        return {"headers": self.headers, "rows": [[cell.html for cell in row] for row in self.rows]}


def amount(minor: int, currency: str, href: str = "") -> Cell:
    """Money: read in its currency, and in a file a plain number of major units."""
    return Cell(
        text=format_money(minor, currency), href=href, value=str(currencies.to_major(minor, currency))
    )


def number(count: int, href: str = "") -> Cell:
    return Cell(text=number_format(count), href=href, value=str(count))


def as_csv(name: str, *, headers: Sequence[str], rows: Iterable[Sequence[Cell]]) -> HttpResponse:
    """A file of that name. A text that a spreadsheet would take for a formula is kept from running."""
    answer = HttpResponse(
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )
    answer.write("\ufeff")  # by which spreadsheets know UTF-8
    lines = csv.writer(answer)
    lines.writerow(headers)
    lines.writerows([_plain(cell) for cell in row] for row in rows)
    return answer


def _plain(cell: Cell) -> str:
    if cell.value is not None:
        return cell.value
    return harmless(cell.text)
