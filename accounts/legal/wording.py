"""A text as its author typed it, in blocks that a page can show. Nothing typed is ever taken for HTML."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final

HEADING, ENTRY = "## ", "- "
HEADINGS, ENTRIES, PARAGRAPH, NOTHING = "heading", "list", "paragraph", ""
SORTS: Final = {HEADING: HEADINGS, ENTRY: ENTRIES}


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Lines that belong together. `sort` is heading, list or paragraph."""

    sort: str
    lines: tuple[str, ...]


def blocks(text: str) -> Iterator[Block]:
    """The blocks of `text`, in order; a heading has one line."""
    for sort, group in groupby(text.splitlines(), key=_sort):
        lines = tuple(line.strip().removeprefix(_mark(line)).strip() for line in group)
        if sort == HEADINGS:
            yield from (Block(sort=sort, lines=(line,)) for line in lines)
        elif sort != NOTHING:
            yield Block(sort=sort, lines=lines)


def _mark(line: str) -> str:
    return next((mark for mark in SORTS if line.strip().startswith(mark)), "")


def _sort(line: str) -> str:
    return SORTS.get(_mark(line)) or (PARAGRAPH if line.strip() else NOTHING)
