"""``python -m config.develop.translations``: compile every catalogue in `locale/`, with Babel alone.

The compiled files are committed, so that a machine without gettext speaks every language.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Final

from babel.messages import mofile, pofile

from config.embedded.places import ROOT

CATALOGUES: Final = ROOT / "locale"


def compiled(source: Path) -> bytes:
    """What the catalogue `source` (a .po file) compiles to. The same bytes every time."""
    with source.open("rb") as file:
        catalogue = pofile.read_po(file)
    result = io.BytesIO()
    mofile.write_mo(result, catalogue)
    return result.getvalue()


def main() -> None:
    for source in sorted(CATALOGUES.rglob("*.po")):
        target = source.with_suffix(".mo")
        target.write_bytes(compiled(source))
        sys.stdout.write(f"{target.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
