"""Long lists a page at a time: their rows, and the way to newer and older ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[Row]):
    """`newer` and `older` are the numbers of the pages beside this one, 0 where there is none: what
    `components/pager.html` shows."""

    rows: Sequence[Row]
    newer: int = 0
    older: int = 0


def page_of(rows: Any, *, number: str, size: int) -> Page[Any]:
    """A page of `rows`, a queryset in its order. `number` is as the address has it; what is none, or beyond the last
    one, is the first. One query, and a second one for a number beyond the last."""
    page = max(int(number), 1) if number.isdecimal() and len(number) <= 6 else 1  # noqa: PLR2004 - more digits than pages
    found = _from(rows, page, size)
    if not found and page > 1:
        page, found = 1, _from(rows, 1, size)
    return Page(rows=found[:size], newer=page - 1, older=page + 1 if len(found) > size else 0)


def _from(rows: Any, page: int, size: int) -> list[Any]:
    """The rows of `page` and one more."""
    return list(rows[(page - 1) * size : page * size + 1])
