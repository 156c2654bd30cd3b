"""What was measured, with its spread, beside what it is compared with, and whether that is good enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from statistics import median

Blocks = Sequence[Sequence[float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing that was measured: its samples in `unit`, in the blocks in which they were taken."""

    what: str
    blocks: Blocks
    unit: str = ""

    @property
    def samples(self) -> list[float]:
        return [sample for block in self.blocks for sample in block]

    def percentile(self, percent: int) -> float:
        return percentile(self.samples, percent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """Good enough: a percentile, or the ratio of both percentiles, is at most or at least so much."""

    percent: int = 50
    most: float | None = None
    least: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """`ours` beside `theirs`, whose blocks were measured in turn with ours."""

    ours: Line
    theirs: Line | None = None
    goal: Goal | None = None

    @property
    def percent(self) -> int:
        return self.goal.percent if self.goal else 50

    @property
    def ratio(self) -> float | None:
        if self.theirs is None:
            return None
        return self.ours.percentile(self.percent) / self.theirs.percentile(self.percent)

    @property
    def ratios(self) -> list[float]:
        """The ratio of each pair of neighbouring blocks: how far the ratio itself is spread."""
        if self.theirs is None:
            return []
        pairs = zip(self.ours.blocks, self.theirs.blocks, strict=True)
        return [percentile(a, self.percent) / percentile(b, self.percent) for a, b in pairs]

    @property
    def met(self) -> bool | None:
        """Whether the goal is reached; None without one."""
        if self.goal is None:
            return None
        value = self.ours.percentile(self.percent) if self.ratio is None else self.ratio
        most, least = self.goal.most, self.goal.least
        return (most is None or value <= most) and (least is None or value >= least)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A table about one subject, and how it was measured."""

    title: str
    settings: Sequence[str]
    rows: Sequence[Row]


def percentile(samples: Sequence[float], percent: int) -> float:
    """The median for 50, else the smallest sample that so many percent do not exceed."""
    ordered = sorted(samples)
    return median(ordered) if percent == 50 else ordered[max(ceil(len(ordered) * percent / 100) - 1, 0)]
