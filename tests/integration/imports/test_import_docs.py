"""docs/import.md explains the columns as the code knows them."""

from pathlib import Path

import pytest

from checkout.imports.forms import ROWS

PAGE = Path(__file__).resolve().parents[3] / "docs" / "import.md"


def explained(kind: str) -> str:
    lines = ["| column | must be there | what stands in it |", "|---|---|---|"]
    for name, field in ROWS[kind].columns():
        lines.append(f"| `{name}` | {'yes' if field.required else ''} | {field.help_text} |")
    return "\n".join(lines)


@pytest.mark.parametrize("kind", ROWS)
def test_each_column_is_explained_as_the_desk_explains_it(kind):
    heading = f"## Columns of {kind}\n\n"
    assert heading + explained(kind) in PAGE.read_text(encoding="utf-8")
