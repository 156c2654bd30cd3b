"""The tables of an export: a dump in SQL, or JSON or CSV files."""

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

Row = Mapping[str, str]
Tables = Mapping[str, Sequence[Row]]

NAME: Final = re.compile(
    r"(?:^|_)(wu_products|wu_productmeta|wu_memberships|wu_membershipmeta|wu_customers|wu_customermeta|wu_payments"
    r"|wu_domain_mappings|users|blogs|blogmeta|\d+_options)$"
)
NEEDED: Final = ("wu_products", "wu_memberships", "wu_customers", "users")
CREATE: Final = re.compile(r"CREATE TABLE (?:IF NOT EXISTS )?`([^`]+)` \((.*?)\n\)", re.DOTALL)
COLUMN: Final = re.compile(r"^\s*`([^`]+)`", re.MULTILINE)
INSERT: Final = re.compile(r"INSERT (?:IGNORE )?INTO `([^`]+)`\s*(?:\(([^)]*)\)\s*)?VALUES\s*")
VALUE: Final = re.compile(r"\s*(?:_binary )?(?:'((?:[^'\\]|\\.|'')*)'|([^,()'\s]+))\s*([,)])", re.DOTALL)
ESCAPE: Final = re.compile(r"\\(.)|''", re.DOTALL)
ESCAPED: Final = MappingProxyType({"n": "\n", "r": "\r", "t": "\t", "0": "\0", "Z": "\x1a", "b": "\b"})
LONGEST_FIELD: Final = 10 * 1024**2


class NotAnExport(ValueError):
    """What was given holds no tables of an Ultimate Multisite network; the message says what is missing."""


def read_tables(path: Path) -> Tables:
    """The tables that we know, by their names without the prefix, with their rows as texts; NULL is the empty text.

    `path` is a dump (.sql), a file of JSON as phpMyAdmin writes it, or a folder with a .json or .csv file for each
    table. Raises NotAnExport, and OSError.
    """
    found: dict[str, list[Row]] = {}
    for name, rows in _tables(path):
        known = NAME.search(name)
        if known is not None:
            found.setdefault(known[1], []).extend(
                {key: _as_text(value) for key, value in row.items()} for row in rows
            )
    missing = [name for name in NEEDED if name not in found]
    if missing:
        raise NotAnExport(f"There are no tables {', '.join(missing)} in {path}.")
    return found


def _tables(path: Path) -> Iterator[tuple[str, Sequence[Mapping[str, Any]]]]:
    if path.is_dir():
        for file in sorted(path.iterdir()):
            if file.suffix == ".csv":
                yield file.stem, _csv(file)
            elif file.suffix in {".json", ".sql"}:
                yield from _tables(file)
    elif path.suffix == ".json":
        yield from _json(path)
    else:
        yield from _sql(path.read_text(encoding="utf-8", errors="replace"))


def _csv(file: Path) -> list[dict[str, Any]]:
    csv.field_size_limit(LONGEST_FIELD)
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def _json(file: Path) -> Iterator[tuple[str, Sequence[Mapping[str, Any]]]]:
    """A list of rows, tables by name, or phpMyAdmin's list of tables."""
    try:
        held = json.loads(file.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        raise NotAnExport(f"{file} is no JSON: {error}") from error
    if isinstance(held, dict):
        yield from held.items()
    elif any(isinstance(each, dict) and each.get("type") == "table" for each in held):
        yield from ((each["name"], each["data"]) for each in held if each.get("type") == "table")
    else:
        yield file.stem, held


def _sql(text: str) -> Iterator[tuple[str, list[dict[str, str]]]]:
    columns = {table[1]: COLUMN.findall(table[2]) for table in CREATE.finditer(text)}
    at = 0
    while (insert := INSERT.search(text, at)) is not None:
        named = re.findall(r"`([^`]+)`", insert[2] or "") or columns.get(insert[1], [])
        rows, at = _values(text, insert.end())
        if NAME.search(insert[1]):
            yield insert[1], [dict(zip(named, row, strict=False)) for row in rows]


def _values(text: str, at: int) -> tuple[list[list[str]], int]:
    """The rows of `(1,'a'),(2,'b');` and where they end."""
    rows: list[list[str]] = []
    while text[at : at + 1] == "(":
        at, row, ends = at + 1, [], ","
        while ends == ",":
            value = VALUE.match(text, at)
            if value is None:
                raise NotAnExport(f"The dump cannot be read from its character {at} on.")
            row.append(_value(value))
            at, ends = value.end(), value[3]
        rows.append(row)
        while text[at : at + 1] in {",", " ", "\n", "\r"} and at < len(text):
            at += 1
    return rows, at


def _value(found: re.Match[str]) -> str:
    if found[2] is not None:
        return "" if found[2].upper() == "NULL" else found[2]
    return ESCAPE.sub(lambda each: ESCAPED.get(each[1], each[1]) if each[1] else "'", found[1])


def _as_text(value: Any) -> str:
    return "" if value is None else str(value)
