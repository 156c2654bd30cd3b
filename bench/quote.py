"""One quote: what the kernel costs by itself, and with its JSON on both sides."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from time import process_time
from typing import Any, Final

from bench.measure import Figure, Goal, Line, Row
from products import pricing

JSON = dict[str, Any]
BATCHES: Final = 150
CALLS: Final = 100  # in a batch
MOST_MICROSECONDS: Final = 50


def measure() -> Figure:
    text = {name: json.dumps(value) for name, value in SCENARIOS.items()}
    scenarios = {name: pricing.scenario_from_json(json.loads(value)) for name, value in text.items()}
    kernel = {name: partial(pricing.quote, scenario) for name, scenario in scenarios.items()}
    for name, call in kernel.items():
        assert name.startswith(call().kind), f"{name} is priced as {call().kind}"
    there_and_back = partial(_through_json, text["upgrade"])
    timed = _timed(
        {**kernel, "renewal": partial(pricing.renewal, scenarios["no_change"]), "JSON": there_and_back}
    )
    goal = Goal(most=MOST_MICROSECONDS)
    rows = [
        Row(
            ours=Line(what=f"quote: {name}", unit="µs", blocks=[timed[name]]),
            goal=goal if name in USUAL else None,
        )
        for name in scenarios
    ]
    per_second = [1e6 / sample for sample in timed["JSON"]]
    rows += [
        Row(ours=Line(what="renewal: the next bill", unit="µs", blocks=[timed["renewal"]])),
        Row(ours=Line(what="JSON → quote → JSON: upgrade", unit="µs", blocks=[timed["JSON"]])),
        Row(ours=Line(what="JSON → quote → JSON: upgrade", unit="/s", blocks=[per_second])),
    ]
    return Figure(
        title="One quote, on one core",
        settings=[
            f"CPU time of a call: the mean of a batch of {CALLS}, {BATCHES} batches, the kinds in turn",
            "a plan and a package, monthly, 21 % tax; the scenario's checks count in the JSON rows only",
        ],
        rows=rows,
    )


def _through_json(text: str) -> str:
    return json.dumps(pricing.quote_to_json(pricing.quote(pricing.scenario_from_json(json.loads(text)))))


def _timed(calls: Mapping[str, Callable[[], object]]) -> dict[str, list[float]]:
    """Microseconds of a call, batch by batch; the first batches warm up and do not count."""
    samples: dict[str, list[float]] = {name: [] for name in calls}
    for batch in range(-5, BATCHES):
        for name, call in calls.items():
            started = process_time()
            for _ in range(CALLS):
                call()
            if batch >= 0:
                samples[name].append((process_time() - started) / CALLS * 1e6)
    return samples


def _item(product: str, price: int, *, rank: int = 0, held: bool = False) -> JSON:
    """A plan when it has a rank, else a package."""
    item = {"product": product, "unit_price": price, "tax_rate": "21", "type": "plan" if rank else "package"}
    return {**item, "rank": rank, **({"paid_net": price, "paid_tax": price * 21 // 100} if held else {})}


def _scenario(*wanted: JSON, held: tuple[JSON, ...]) -> JSON:
    month = {"unit": "month", "count": 1}
    period = {"start": "2026-03-01T00:00:00Z", "end": "2026-04-01T00:00:00Z"}
    return {
        "as_of": "2026-03-17T00:00:00Z",
        "currency": "EUR",
        "policy": {"on_upgrade": "restart", "minimum_charge": 50},
        "membership": {"status": "active", "interval": month, "period": period, "items": held}
        if held
        else None,
        "selection": {"interval": month, "items": wanted},
    }


BASIC, PREMIUM, BUSINESS = (
    _item("basic", 900, rank=1),
    _item("premium", 3000, rank=2),
    _item("business", 9000, rank=3),
)
VISITS, DISK = _item("visits", 500), _item("disk", 400)
HELD: Final = (_item("premium", 3000, rank=2, held=True), _item("visits", 500, held=True))
ELEVEN: Final = [_item(f"package-{number}", 500) for number in range(11)]
ELEVEN_HELD: Final = [_item(f"package-{number}", 500, held=True) for number in range(11)]
USUAL: Final = {
    "new": _scenario(PREMIUM, VISITS, held=()),
    "upgrade": _scenario(BUSINESS, VISITS, held=HELD),
    "addon": _scenario(PREMIUM, VISITS, DISK, held=HELD),
    "downgrade": _scenario(BASIC, VISITS, held=HELD),
    "no_change": _scenario(PREMIUM, VISITS, held=HELD),
}
SCENARIOS: Final = {
    **USUAL,
    "upgrade, of a plan alone": _scenario(BUSINESS, held=HELD[:1]),
    "upgrade, 12 items": _scenario(BUSINESS, *ELEVEN, held=(HELD[0], *ELEVEN_HELD)),
}
