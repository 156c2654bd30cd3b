"""When the schedule may have something to do next for a membership: a rehearsal jumps from date to date."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from accounts.network.live import network
from checkout.models import Order
from memberships.models import Membership, ScheduledChange
from memberships.policies.dunning import expires_at
from memberships.policies.reminders import DAY, RENEWAL, TRIAL, WEEK
from sites.policies.access import grace_ends_at

AT_ONCE = timedelta(0)


def next_date(membership: Membership, *, after: datetime) -> datetime | None:
    """None when nothing is to come any more, as for a free membership."""
    return min((date for date in _dates(membership) if date > after), default=None)


def _dates(membership: Membership) -> Iterator[datetime]:
    announced = (
        (membership.period_end, (AT_ONCE, RENEWAL.before)),
        (membership.trial_end, (AT_ONCE, TRIAL.before)),
        (_planned(membership), (AT_ONCE, DAY.before, WEEK.before)),
    )
    for date, ahead in announced:
        if date is not None:
            yield from (date - each for each in ahead)
    for order in Order.objects.open().filter(membership=membership).select_related("payment"):
        yield from filter(None, [order.expires_at, order.payment.next_try_at if order.payment else None])
    if membership.past_due_since is not None:
        yield expires_at(past_due_since=membership.past_due_since, days=network.expire_after_days)
    if membership.ended_at is not None:
        yield grace_ends_at(ended_at=membership.ended_at, grace_days=network.grace_days)
    for card in membership.customer.payment_methods.filter(is_default=True):
        yield datetime(card.exp_year, card.exp_month, 1, tzinfo=UTC)


def _planned(membership: Membership) -> datetime | None:
    pending = membership.scheduled_changes.filter(state=ScheduledChange.State.PENDING)
    return pending.values_list("effective_at", flat=True).first()
