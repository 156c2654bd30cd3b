"""What the schedule does of its own accord, all of it once: for stories and rehearsals, where time goes by at a go."""

from datetime import datetime

from checkout.models import Order
from checkout.operations import due
from checkout.operations.bills import collect_bills, expire_overdue
from checkout.operations.pay import give_up
from checkout.operations.renew import renew_all
from memberships.operations import reminders


def a_day(*, now: datetime) -> None:
    """Carry out whatever is due at `now`: changes that nobody paid, periods that end, bills, expiry, reminders."""
    for order in Order.objects.overdue(at=now):
        give_up(order=order, state=Order.State.EXPIRED, now=now)
    for membership_ids in due.memberships_to_renew(now=now):
        renew_all(membership_ids=membership_ids, now=now)
    for payment_ids in due.bills_to_try(now=now):
        collect_bills(payment_ids=payment_ids, now=now)
    for membership_ids in due.memberships_to_expire(now=now):
        for membership_id in membership_ids:
            expire_overdue(membership_id=membership_id, now=now)
    for kind in reminders.SWEEPS:
        for keys in reminders.in_batches(kind=kind, now=now):
            reminders.remind(kind=kind, keys=keys, now=now)
