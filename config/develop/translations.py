"""``python -m config.develop.translations``: bring every catalogue in `locale/` up to date, and compile it.

Texts that are new stand in the .po file without a translation; texts that nobody uses any more are gone. Needs Babel
alone: a machine without gettext can do it too, and the compiled files are committed, so that it need not.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from babel.messages import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from config.embedded.places import ROOT

CATALOGUES: Final = ROOT / "locale"
SIGN_IN: Final = CATALOGUES / "sign_in"  # better words for some sentences of django-allauth
SOURCES: Final = ("accounts", "checkout", "config", "memberships", "products", "sites", "templates")
KEYWORDS: Final = {**DEFAULT_KEYWORDS, "gettext_lazy": None, "gettext_noop": None, "ngettext_lazy": (1, 2)}


def texts() -> Catalog:
    """Every text in code and templates that is marked for translation, with the files it stands in."""
    found = Catalog()
    for path in _files():
        code = path.read_text()
        if path.suffix != ".py":
            code = f"({templatize(code)}\n)"  # indented anyhow, which Python allows between brackets
        for _line, text, _comments, context in extract("python", io.BytesIO(code.encode()), KEYWORDS):
            found.add(text, locations=[(str(path.relative_to(ROOT)), 0)], context=context)
    return found


def updated(source: Path) -> bytes:
    """The catalogue `source` (a .po file) with the texts of today. The same bytes when nothing has changed."""
    with source.open("rb") as file:
        catalogue = read_po(file, ignore_obsolete=True)
    catalogue.update(texts(), no_fuzzy_matching=True, update_creation_date=False)
    result = io.BytesIO()
    write_po(result, catalogue, width=110, sort_by_file=True, ignore_obsolete=True, include_lineno=False)
    return result.getvalue()


def compiled(source: Path) -> bytes:
    """What the catalogue `source` compiles to."""
    with source.open("rb") as file:
        catalogue = read_po(file)
    result = io.BytesIO()
    write_mo(result, catalogue)
    return result.getvalue()


def main() -> None:
    for source in sorted(CATALOGUES.rglob("*.po")):
        if SIGN_IN not in source.parents:  # those texts are the library's
            source.write_bytes(updated(source))
        source.with_suffix(".mo").write_bytes(compiled(source))
        with source.open("rb") as file:
            open_ = [message.id for message in read_po(file) if not message.string or message.fuzzy]
        sys.stdout.write(f"{source.relative_to(ROOT)}: {len(open_)} without a translation\n")


def _files() -> Iterator[Path]:
    for folder in SOURCES:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in {".py", ".html", ".txt"} and "migrations" not in path.parts:
                yield path


if __name__ == "__main__":
    main()
