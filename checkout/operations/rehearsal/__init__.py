"""What would become of a membership: its days go by, and nothing happens."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from checkout.operations.day import a_day
from checkout.operations.rehearsal.copies import hide_the_network_behind_copies
from checkout.operations.rehearsal.dates import next_date
from checkout.operations.rehearsal.watch import Row, Watch
from memberships.billing.choose import network_gateway
from memberships.billing.rehearsal import CardBehaviour, RehearsalGateway, rehearsing
from memberships.models import Membership

log = logging.getLogger(__name__)
LONGEST = timedelta(days=3 * 366)


class TooLong(ValueError):
    """A rehearsal is of a time to come, and of three years at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """The rows, first to last. `stopped` says what went wrong on the way, if anything did; the rows end there."""

    rows: tuple[Row, ...]
    stopped: str = ""


def rehearse(*, membership: Membership, until: datetime, card: CardBehaviour, now: datetime) -> Rehearsal:
    """What the schedule would do with `membership` from `now` `until` then, if its card behaved like `card`.

    The real operations run on a copy of it that only this transaction sees, with a gateway that is none; all is rolled
    back, so that nothing is sent, charged, locked or left. Raises TooLong.
    """
    if not now < until <= now + LONGEST:
        raise TooLong
    gateway = RehearsalGateway(instead_of=network_gateway(), card=card)
    with transaction.atomic(), rehearsing(gateway):
        hide_the_network_behind_copies(membership=membership)
        rehearsal = _walk(
            Membership.objects.select_related("customer__user").get(pk=membership.pk), now, until
        )
        transaction.set_rollback(True)
    return rehearsal


def _walk(membership: Membership, now: datetime, until: datetime) -> Rehearsal:
    watch = Watch(membership, now=now)
    at: datetime | None = now
    while at is not None and at <= until:
        try:
            with transaction.atomic():
                a_day(now=at)
        except Exception as error:
            log.exception("the rehearsal of membership %s ends at %s", membership.pk, at)
            return Rehearsal(
                rows=tuple(watch.rows), stopped=f"{at:%Y-%m-%d}: {type(error).__name__}: {error}"
            )
        watch.look(now=at)
        at = next_date(membership, after=at)
    return Rehearsal(rows=tuple(watch.rows))


__all__ = ["LONGEST", "Rehearsal", "Row", "TooLong", "rehearse"]
