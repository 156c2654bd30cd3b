"""Changing what the network runs by."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from accounts.network import live
from accounts.network.models import NetworkSettings


class ChangedMeanwhile(Exception):
    """Somebody else has changed them since they were looked at."""

    def __init__(self, current: NetworkSettings) -> None:
        super().__init__(current.version)
        self.current = current


@transaction.atomic
def change_settings(
    *, chosen: Mapping[str, Any], given_up: Collection[str], seen: int, actor: User, now: datetime
) -> None:
    """Set each of `chosen`, checked by its form, and go back to the environment's value for each of `given_up`; both by
    the names of their columns. Web and workers have it with their next request or task. `seen` is the version that
    the person looked at, 0 before there is any. Raises ChangedMeanwhile."""
    # locked: who changes it at the same moment waits, and is told
    row, _new = NetworkSettings.objects.select_for_update().get_or_create(
        pk=1, defaults={"changed_at": now, "changed_by": actor}
    )
    if row.version != seen:
        raise ChangedMeanwhile(row)
    for name, value in {**chosen, **dict.fromkeys(given_up)}.items():
        setattr(row, name, value)
    row.version, row.changed_at, row.changed_by = seen + 1, now, actor
    row.save()
    transaction.on_commit(live.forget)
