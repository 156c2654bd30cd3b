"""A file of comma-separated values, as spreadsheets write them."""

import csv
import io
from collections import Counter
from collections.abc import Sequence
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from checkout.imports.forms import ROWS

LARGEST_FILE: Final = 20 * 1024**2  # bytes
MOST_ROWS: Final = 50_000
LONGEST_VALUE: Final = 4_000  # characters
TOO_MANY: Final = "\N{HORIZONTAL ELLIPSIS}"  # the column of values that stand beyond the last one
Line = tuple[int, dict[str, str]]


class Unreadable(ValueError):
    """Nothing of the file can be brought in; the message says why, in the active language."""


def read_csv(content: bytes, *, kind: str) -> list[Line]:
    """The rows of the file with their line numbers and their values by column. Empty rows are left out.

    Commas, semicolons and tabs may stand between values; which one, the first line says. Raises Unreadable.
    """
    if len(content) > LARGEST_FILE:
        raise Unreadable(_("The file is larger than 20 MB. Split it."))
    reader = csv.reader(io.StringIO(_text(content), newline=""), delimiter=_delimiter(content), strict=True)
    try:
        columns = [name.strip().lower() for name in next(reader, [])]
        _check_columns(columns, kind=kind)
        lines: list[Line] = []
        before = reader.line_num
        for values in reader:
            line, before = before + 1, reader.line_num
            if any(value.strip() for value in values):
                lines.append((line, _row(columns, values)))
    except csv.Error as error:
        raise Unreadable(
            _("Line %(line)s cannot be read: %(error)s.") % {"line": reader.line_num, "error": error}
        ) from error
    if not lines:
        raise Unreadable(_("The file has no rows."))
    if len(lines) > MOST_ROWS:
        raise Unreadable(
            _("The file has %(rows)s rows; at most %(most)s go into one. Split it.")
            % {"rows": len(lines), "most": MOST_ROWS}
        )
    return lines


def _text(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable(_("The file is not UTF-8. Save it as “CSV UTF-8”.")) from None
    if "\0" in text:
        raise Unreadable(_("The file is no text."))
    return text


def _delimiter(content: bytes) -> str:
    first = content.split(b"\n", 1)[0]
    return max((",", ";", "\t"), key=lambda mark: first.count(mark.encode()))


def _check_columns(columns: Sequence[str], *, kind: str) -> None:
    known = dict(ROWS[kind].columns())
    if twice := [name for name, count in Counter(columns).items() if count > 1]:
        named = ", ".join(name or _("(no name)") for name in twice)
        raise Unreadable(_("These columns stand there twice: %(columns)s.") % {"columns": named})
    if unknown := [name for name in columns if name not in known]:
        named = ", ".join(name or _("(no name)") for name in unknown[:10])
        raise Unreadable(
            ngettext("There is no column %(columns)s.", "There are no columns %(columns)s.", len(unknown))
            % {"columns": named}
        )
    missing = [name for name, field in known.items() if field.required and name not in columns]
    if missing:
        raise Unreadable(
            ngettext(
                "The column %(columns)s is missing.", "The columns %(columns)s are missing.", len(missing)
            )
            % {"columns": ", ".join(missing)}
        )


def _row(columns: Sequence[str], values: Sequence[str]) -> dict[str, str]:
    row = dict(zip(columns, (_as_typed(value)[:LONGEST_VALUE] for value in values), strict=False))
    beyond = [value for value in values[len(columns) :] if value.strip()]
    return row | ({TOO_MANY: ", ".join(beyond)[:LONGEST_VALUE]} if beyond else {})


def _as_typed(value: str) -> str:
    """Without the apostrophe by which our own files, such as that of the refused rows, keep a text from running."""
    value = value.strip()
    return value[1:] if value.startswith(("'=", "'+", "'-", "'@")) else value
