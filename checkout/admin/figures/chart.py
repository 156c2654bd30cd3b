"""Charts for Unfold's component, which hands its data and options to Chart.js as they are."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from products import currencies

AXIS = "#6b7280"  # readable on white and on black


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Amounts in minor units, one a step."""

    label: str
    colour: str
    amounts: Sequence[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """`data` and `options` in JSON; `label` says to who cannot see it what it shows: the table beside it has it all."""

    type: str
    label: str
    data: str
    options: str


def line(*, label: str, steps: Sequence[str], series: Series, currency: str) -> Chart:
    style = {"borderColor": series.colour, "borderWidth": 2, "pointRadius": 2, "tension": 0.2}
    return _chart("line", label, steps, [(series, style)], currency, stacked=False)


def stacked_bars(*, label: str, steps: Sequence[str], series: Sequence[Series], currency: str) -> Chart:
    """What is below zero goes down: gains and losses are told apart without their colours."""
    styled = [(each, {"backgroundColor": each.colour, "maxBarThickness": 28}) for each in series]
    return _chart("bar", label, steps, styled, currency, stacked=True)


def _chart(
    kind: str,
    label: str,
    steps: Sequence[str],
    series: Sequence[tuple[Series, dict[str, Any]]],
    currency: str,
    *,
    stacked: bool,
) -> Chart:
    datasets = [
        {
            "label": each.label,
            "data": [float(currencies.to_major(minor, currency)) for minor in each.amounts],
            **style,
        }
        for each, style in series
    ]
    ticks = {"color": AXIS, "maxTicksLimit": 7, "maxRotation": 0}
    options = {
        "animation": False,
        "responsive": True,
        "maintainAspectRatio": False,
        "interaction": {"mode": "index", "intersect": False},
        "plugins": {
            "legend": {
                "display": len(series) > 1,
                "position": "bottom",
                "labels": {"color": AXIS, "boxWidth": 10, "boxHeight": 10},
            }
        },
        "scales": {
            "x": {"stacked": stacked, "ticks": ticks, "grid": {"display": False}},
            "y": {"stacked": stacked, "ticks": ticks, "grid": {}, "beginAtZero": True},
        },
    }
    data = {"labels": list(steps), "datasets": datasets}
    return Chart(type=kind, label=label, data=json.dumps(data), options=json.dumps(options))
