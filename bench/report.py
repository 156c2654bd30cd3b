"""The table on the screen, and the same kept in `bench/results/`."""

from __future__ import annotations

import json
import os
import platform
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Final

from bench.measure import Figure, Line, Row

RESULTS: Final = Path(__file__).parent / "results"
PERCENTILES: Final = {"min": 0, "p50": 50, "p95": 95, "p99": 99, "max": 100}
PACKAGES: Final = ("Django", "gunicorn", "celery", "psycopg")
WIDTH: Final = 44  # of the column that says what it is


def machine() -> dict[str, str]:
    """What the figures depend on and no setting of ours can change."""
    model = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "CPU": model[1] if model else platform.machine(),
        "cores": str(os.cpu_count()),
        "memory": f"{memory / 2**30:.0f} GB",
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "load before": f"{os.getloadavg()[0]:.1f}",
        "Python": platform.python_version(),
        **{name: version(name) for name in PACKAGES},
    }


def table(figure: Figure) -> str:
    """The figure as text, two lines for what has an alternative."""
    names = "".join(f"{name:>9}" for name in PERCENTILES)
    head = f"{'':<{WIDTH + 5}}{names}{'n':>6}  {'ratio':<22}goal"
    lines = [figure.title, *(f"  {setting}" for setting in figure.settings), "", head]
    for row in figure.rows:
        verdict = {True: "met", False: "MISSED", None: ""}[row.met]
        lines.append(
            f"{_cells(row.ours, row.ours.what)}  {_ratio(row):<22}{_goal(row):<16}{verdict}".rstrip()
        )
        if row.theirs:
            lines.append(_cells(row.theirs, f"  beside {row.theirs.what}"))
    return "\n".join(lines)


def save(figures: Sequence[Figure], facts: Mapping[str, str], *, day: date) -> Path:
    """Write `<day>.json` with every line's summary and `<day>.md` with the tables. Returns the latter."""
    RESULTS.mkdir(exist_ok=True)
    summary = {"machine": facts, "figures": [_summary(figure) for figure in figures]}
    (RESULTS / f"{day}.json").write_text(json.dumps(summary, indent=1, ensure_ascii=False) + "\n")
    page = RESULTS / f"{day}.md"
    named = "\n".join(f"- {name}: {value}" for name, value in facts.items())
    tables = "\n\n".join(f"```text\n{table(figure)}\n```" for figure in figures)
    page.write_text(f"# Measured on {day}\n\n{named}\n\n{tables}\n")
    return page


def missed(figures: Sequence[Figure]) -> Iterator[str]:
    """The goals that were not reached, in words."""
    for figure in figures:
        for row in figure.rows:
            if row.met is False:
                value = _ratio(row) or f"{_number(row.ours.percentile(row.percent))} {row.ours.unit}".strip()
                yield f"{figure.title}, {row.ours.what}: {value}, where the goal is {_goal(row)}"


def _cells(line: Line, what: str) -> str:
    alone = len(line.samples) == 1
    shown = ["p50"] if alone else list(PERCENTILES)
    cells = [
        _number(line.percentile(percent)) if name in shown else "" for name, percent in PERCENTILES.items()
    ]
    number = "" if alone else str(len(line.samples))
    return f"{what:<{WIDTH}} {line.unit:<4}{''.join(f'{cell:>9}' for cell in cells)}{number:>6}"


def _number(value: float) -> str:
    """Three figures that count, and no more digits than that needs."""
    if value >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _ratio(row: Row) -> str:
    if row.ratio is None:
        return ""
    spread = f" ({min(row.ratios):.2g}-{max(row.ratios):.2g})" if len(row.ratios) > 1 else ""
    return f"{row.ratio:.3g}x{spread}"


def _goal(row: Row) -> str:
    if row.goal is None:
        return ""
    name = {percent: name for name, percent in PERCENTILES.items()}[row.percent]
    which = f"{name} " if len(row.ours.samples) > 1 else ""
    unit = "x" if row.theirs else f" {row.ours.unit}"
    bound = f"≤ {row.goal.most:g}" if row.goal.most is not None else f"≥ {row.goal.least:g}"
    return f"{which}{bound}{unit}".rstrip()


def _summary(figure: Figure) -> dict[str, object]:
    return {
        "title": figure.title,
        "settings": list(figure.settings),
        "rows": [
            {
                "ours": _line(row.ours),
                "theirs": _line(row.theirs) if row.theirs else None,
                "ratio": row.ratio,
                "ratios": row.ratios,
                "goal": _goal(row),
                "met": row.met,
            }
            for row in figure.rows
        ],
    }


def _line(line: Line) -> dict[str, object]:
    spread = {name: line.percentile(percent) for name, percent in PERCENTILES.items()}
    return {"what": line.what, "unit": line.unit, "n": len(line.samples), **spread}
