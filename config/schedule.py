"""What runs by the clock, on the network's behalf. One static table: no schedule lives in rows or in sites."""

from datetime import timedelta
from typing import Any

SITES: dict[str, dict[str, Any]] = {
    "unfinished sites": {"task": "sites.tasks.sweep_unfinished_sites", "schedule": timedelta(minutes=2)},
    "limits in line": {"task": "sites.tasks.sweep_entitlements", "schedule": timedelta(minutes=10)},
    "visits to rows": {"task": "sites.tasks.roll_up_visits", "schedule": timedelta(minutes=1)},
    "usage": {"task": "sites.tasks.sweep_usage", "schedule": timedelta(minutes=15)},
    "old passes": {"task": "sites.tasks.forget_old_passes", "schedule": timedelta(days=1)},
}

SCHEDULE: dict[str, dict[str, Any]] = {**SITES}
