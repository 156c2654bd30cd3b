"""``python -m config.develop.translations``: bring every catalogue in `locale/` up to date, and compile it.

Texts that are new stand in the .po file without a translation; texts that nobody uses any more are gone. Needs Babel
alone: a machine without gettext can do it too, and the compiled files are committed, so that it need not.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Final

from babel.messages import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from config.embedded.places import ROOT

CATALOGUES: Final = ROOT / "locale"
LIBRARIES: Final = CATALOGUES / "libraries"  # Django's, allauth's and Unfold's, in better words than theirs
SOURCES: Final = ("accounts", "checkout", "config", "memberships", "products", "sites", "templates")
KEYWORDS: Final = {**DEFAULT_KEYWORDS, "gettext_lazy": None, "gettext_noop": None, "ngettext_lazy": (1, 2)}


def texts() -> Catalog:
    """Every text in code and templates that is marked for translation, with the files it stands in."""
    return texts_in(_files(ROOT / folder for folder in SOURCES), root=ROOT)


def texts_of_library(package: ModuleType, *, without: Sequence[str] = ()) -> Catalog:
    """Every text of an installed `package`, but for what stands in the folders `without`."""
    root = Path(package.__path__[0])
    left_out = [root / folder for folder in (*without, "tests", "test")]
    files = (path for path in _files([root]) if not any(folder in path.parents for folder in left_out))
    return texts_in(files, root=root)


def texts_in(files: Iterable[Path], *, root: Path) -> Catalog:
    found = Catalog()
    for path in files:
        code = path.read_text()
        if path.suffix != ".py":
            code = f"({templatize(code)}\n)"  # indented anyhow, which Python allows between brackets
        for _line, text, _comments, context in extract("python", io.BytesIO(code.encode()), KEYWORDS):
            found.add(text, locations=[(str(path.relative_to(root)), 0)], context=context)
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
        if LIBRARIES not in source.parents:  # those texts are theirs
            source.write_bytes(updated(source))
        source.with_suffix(".mo").write_bytes(compiled(source))
        with source.open("rb") as file:
            open_ = [message.id for message in read_po(file) if not message.string or message.fuzzy]
        sys.stdout.write(f"{source.relative_to(ROOT)}: {len(open_)} without a translation\n")


def _files(folders: Iterable[Path]) -> Iterator[Path]:
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.suffix in {".py", ".html", ".txt"} and "migrations" not in path.parts:
                yield path


if __name__ == "__main__":
    main()
