"""Trials and what became of them; payments that failed and what became of those."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Case, CharField, Count, Exists, OuterRef, QuerySet, Sum, Value, When

from accounts.network.live import network
from checkout.operations.figures.revenue import NONE, Total
from checkout.operations.figures.window import Window
from memberships.models import Attempt, Membership, Payment, RecurringAmount, Transition

CONVERTED: Final = "converted"
LOST: Final = "lost"
OPEN: Final = "open"
SOON = timedelta(days=7)


def ended_trials(*, window: Window) -> QuerySet[Transition, Any]:
    """The ends of trials in the window, each with its `outcome`: `converted` when something was paid for by the day on
    which an overdue membership expires, `open` while it is overdue, `lost` otherwise. A trial that goes on again
    because an upgrade was undone has not ended."""
    states = Membership.State
    goes_on = Transition.objects.filter(
        membership=OuterRef("membership"), kind=states.TRIALING, id__gt=OuterRef("id")
    )
    paid = RecurringAmount.objects.filter(
        membership=OuterRef("membership"),
        amount__gt=0,
        at__gte=OuterRef("at"),
        at__lte=OuterRef("at") + timedelta(days=network.expire_after_days),
    )
    return (
        Transition.objects.filter(
            came_from=states.TRIALING, kind__in=[states.ACTIVE, states.PAST_DUE, states.CANCELLED]
        )
        .filter(at__gte=window.since, at__lt=window.until)
        .filter(~Exists(goes_on))
        .annotate(
            outcome=Case(
                When(Exists(paid), then=Value(CONVERTED)),
                When(membership__state=states.PAST_DUE, then=Value(OPEN)),
                default=Value(LOST),
                output_field=CharField(),
            )
        )
    )


def trials(*, window: Window) -> dict[str, int]:
    """How many trials ended in the window, by outcome. One statement."""
    ends: QuerySet[Any, Any] = ended_trials(window=window).order_by()
    rows = ends.values("outcome").annotate(count=Count("pk"))
    return {CONVERTED: 0, LOST: 0, OPEN: 0} | {row["outcome"]: row["count"] for row in rows}


def trials_ending(*, now: datetime) -> QuerySet[Membership]:
    """Trials that end within a week."""
    return Membership.objects.filter(state=Membership.State.TRIALING, trial_end__lt=now + SOON)


def failed_payments(*, window: Window) -> QuerySet[Payment, Any]:
    """The payments asked for in the window for which a saved card was charged in vain, each with its `outcome`:
    `converted` when it is paid by now, `lost` when it was given up, `open` otherwise."""
    in_vain = Attempt.objects.filter(
        payment=OuterRef("pk"),
        state=Attempt.State.FAILED,
        method=Attempt.Method.SAVED_CARD,
        return_url="",  # the customer was not there
    )
    return (
        Payment.objects.filter(created_at__gte=window.since, created_at__lt=window.until)
        .filter(Exists(in_vain))
        .annotate(
            outcome=Case(
                When(state=Payment.State.PAID, then=Value(CONVERTED)),
                When(state=Payment.State.CLOSED, then=Value(LOST)),
                default=Value(OPEN),
                output_field=CharField(),
            )
        )
    )


def failed(*, window: Window) -> dict[str, dict[str, Total]]:
    """Failed payments by currency and outcome. One statement."""
    payments: QuerySet[Any, Any] = failed_payments(window=window).order_by()
    rows = payments.values("currency", "outcome").annotate(count=Count("pk"), sum=Sum("amount"))
    found: dict[str, dict[str, Total]] = defaultdict(lambda: {CONVERTED: NONE, LOST: NONE, OPEN: NONE})
    for row in rows:
        found[row["currency"]][row["outcome"]] = Total(count=row["count"], amount=row["sum"])
    return dict(found)


def open_payments() -> QuerySet[Payment]:
    """Bills, and changes under way, whose money is waited for."""
    return Payment.objects.filter(state=Payment.State.OPEN)


def waited_for() -> dict[str, Total]:
    """What open payments come to, by currency. One statement."""
    rows = open_payments().order_by().values("currency").annotate(count=Count("pk"), sum=Sum("amount"))
    return {row["currency"]: Total(count=row["count"], amount=row["sum"]) for row in rows}
