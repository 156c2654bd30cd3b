"""Remind customers of what is to come, once each: found by indexed dates, in batches, by who has not been told yet."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from types import MappingProxyType
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from memberships.models import (
    CampaignMember,
    Membership,
    MembershipItem,
    Notice,
    PaymentMethod,
    PriceCampaign,
    ScheduledChange,
    Transition,
)
from memberships.notices import notify
from memberships.operations.next_bill import next_bill
from memberships.operations.price_previews import preview_bills
from memberships.policies.reminders import DAY, RENEWAL, TRIAL, WEEK, Reminder
from products.models import Price

SIZE = 50
FOUND_AT_ONCE = 100 * SIZE
Rows = QuerySet[Any]
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """A kind of reminder: the rows that are `due` one at a given time, the path from a row to its membership, and how
    to `tell` of one, which answers False if there is nothing to tell."""

    due: Callable[[datetime], Rows]
    membership: str
    tell: Callable[[Any, datetime], bool]


def in_batches(*, kind: str, now: datetime) -> Iterator[list[int]]:
    """The keys of all rows that are due a reminder of `kind`, lowest first, `SIZE` at a time. One statement finds the
    keys of a hundred batches: with many rows, what is due costs it more than how much of that it takes."""
    rows, last = SWEEPS[kind].due(now).order_by("pk").values_list("pk", flat=True), 0
    while keys := list(rows.filter(pk__gt=last)[:FOUND_AT_ONCE]):
        yield from (keys[at : at + SIZE] for at in range(0, len(keys), SIZE))
        last = keys[-1]


def remind(*, kind: str, keys: Sequence[int], now: datetime) -> int:
    """Write down the reminders of `kind` that are still due for these rows. Answers how many. One in trouble does not
    keep the others waiting."""
    sweep = SWEEPS[kind]
    return sum(_told(sweep, row, now) for row in sweep.due(now).filter(pk__in=keys))


def remind_member(*, membership: Membership, now: datetime) -> int:
    """Write down whatever `membership` is due to be reminded of. Answers how many."""
    return sum(
        _told(sweep, row, now)
        for sweep in SWEEPS.values()
        for row in sweep.due(now).filter(**{sweep.membership: membership.pk})
    )


def _told(sweep: Sweep, row: Any, now: datetime) -> bool:
    try:
        with transaction.atomic():
            return sweep.tell(row, now)
    except IntegrityError:
        return False  # another run was quicker
    except Exception:
        log.exception("%s %s: nobody could be reminded", type(row).__name__, row.pk)
        return False


def _changes(reminder: Reminder, kind: str, now: datetime) -> Rows:
    """Planned changes and cancellations, unless they were planned when their reminder was already due."""
    after, until = reminder.comes_within(now)
    told = Notice.objects.filter(
        membership=OuterRef("membership"), kind=kind, reference=_reference("change-", _suffix(kind))
    )
    return ScheduledChange.objects.filter(
        ~Exists(told),
        state=ScheduledChange.State.PENDING,
        effective_at__gt=after,
        effective_at__lte=until,
        created_at__lt=F("effective_at") - reminder.before,
    ).select_related("membership__customer__user")


def _tell_change(kind: str, change: ScheduledChange, now: datetime) -> bool:
    reference = f"change-{change.pk}{_suffix(kind)}"
    notify(change.membership, kind, reference=reference, facts={"change": change.pk}, now=now)
    return True


def _suffix(kind: str) -> str:
    return kind.removeprefix("reminder").replace("_", "-")


def _renewals(now: datetime) -> Rows:
    """Periods of a year or longer: between such bills one is easily forgotten."""
    after, until = RENEWAL.comes_within(now)
    long = Q(interval_unit=Price.Unit.YEAR) | Q(interval_unit=Price.Unit.MONTH, interval_count__gte=12)
    told = Notice.objects.filter(
        membership=OuterRef("pk"),
        kind="renewal_coming",
        created_at__gte=OuterRef("period_end") - RENEWAL.before,
    )
    return Membership.objects.filter(
        long,
        ~Exists(told),
        ~Exists(_pending_changes()),
        state=Membership.State.ACTIVE,
        period_end__gt=after,
        period_end__lte=until,
    ).select_related("customer__user")


def _trials(now: datetime) -> Rows:
    """Trials, unless they began when their reminder was already due."""
    after, until = TRIAL.comes_within(now)
    from_then_on = OuterRef("trial_end") - TRIAL.before
    told = Notice.objects.filter(membership=OuterRef("pk"), kind="trial_ending", created_at__gte=from_then_on)
    begun = Transition.objects.filter(membership=OuterRef("pk"), kind="trial", at__gt=from_then_on)
    return Membership.objects.filter(
        ~Exists(told),
        ~Exists(begun),
        ~Exists(_pending_changes()),
        state=Membership.State.TRIALING,
        trial_end__gt=after,
        trial_end__lte=until,
    ).select_related("customer__user")


def _pending_changes() -> QuerySet[ScheduledChange]:
    """They have reminders of their own."""
    return ScheduledChange.objects.filter(membership=OuterRef("pk"), state=ScheduledChange.State.PENDING)


def _tell_bill(kind: str, membership: Membership, now: datetime) -> bool:
    bill = next_bill(membership=membership, now=now)
    if bill is None or bill.effective_at is None:
        return False
    notify(
        membership,
        kind,
        reference=f"bill-{bill.effective_at:%Y-%m-%d}",
        facts={"amount": bill.due_now, "at": bill.effective_at},
        now=now,
    )
    return True


def _cards(now: datetime) -> Rows:
    """Default cards in their last month that a bill will be charged to."""
    told = Notice.objects.filter(
        membership__customer=OuterRef("customer"),
        kind="card_expiring",
        reference=_reference("card-", f"-{now:%Y-%m}"),
    )
    return PaymentMethod.objects.filter(
        ~Exists(told),
        Exists(_billed().filter(customer=OuterRef("customer"))),
        is_default=True,
        exp_year=now.year,
        exp_month=now.month,
    )


def _billed() -> QuerySet[Membership]:
    """Memberships that a bill will follow for."""
    paid = MembershipItem.objects.live().filter(membership=OuterRef("pk"), unit_price__gt=0)
    leaving = _pending_changes().filter(kind=ScheduledChange.CANCELLATION)
    return Membership.objects.filter(
        Exists(paid.exclude(price__interval_unit=Price.Unit.ONCE)),
        ~Exists(leaving),
        state__in=[Membership.State.TRIALING, Membership.State.ACTIVE, Membership.State.PAST_DUE],
    )


def _tell_card(card: PaymentMethod, now: datetime) -> bool:
    membership = _billed().filter(customer=card.customer_id).select_related("customer__user").earliest("pk")
    reference = f"card-{card.pk}-{now:%Y-%m}"
    notify(membership, "card_expiring", reference=reference, facts={"card": str(card), "at": now}, now=now)
    return True


def _price_changes(kind: str, now: datetime) -> Rows:  # noqa: ARG001 -- the signature of all
    """Members whose price changes, and has not yet; after it was stopped, those of them who had been told."""
    named = CampaignMember.objects.filter(moves=True).select_related(
        "campaign__from_price__product", "membership__customer__user"
    )
    if kind == "price_change":
        return named.to_be_moved().filter(
            ~Exists(_told_of_price(kind)), campaign__state=PriceCampaign.State.PUBLISHED
        )
    return named.staying().filter(
        Exists(_told_of_price("price_change")),
        ~Exists(_told_of_price(kind)),
        campaign__state=PriceCampaign.State.STOPPED,
    )


def _told_of_price(kind: str) -> QuerySet[Notice]:
    reference = Concat(Value("price-change-"), Cast(OuterRef("campaign"), CharField()))
    return Notice.objects.filter(membership=OuterRef("membership"), kind=kind, reference=reference)


def _tell_price(kind: str, member: CampaignMember, now: datetime) -> bool:
    campaign, membership = member.campaign, member.membership
    bills = preview_bills(campaign=campaign, members=[member], now=now).get(membership.pk)
    facts = {
        "campaign": campaign.pk,
        "amount": bills.after if bills else None,
        "at": bills.at if bills else campaign.starts_at,
    }
    notify(membership, kind, reference=campaign.reference, facts=facts, now=now)
    membership.transitions.create(
        kind=kind,
        went_to=campaign.from_price.product.name,
        at=now,
        actor=campaign.published_by if kind == "price_change" else campaign.stopped_by,
        reference=campaign.reference,
    )
    return True


def _reference(before: str, after: str) -> Concat:
    """The reference of a notice about the outer row, whose key it names."""
    return Concat(Value(before), Cast(OuterRef("pk"), CharField()), Value(after))


SWEEPS: Mapping[str, Sweep] = MappingProxyType(
    {
        kind: Sweep(
            due=partial(_changes, reminder, kind), membership="membership", tell=partial(_tell_change, kind)
        )
        for kind, reminder in (("reminder_week", WEEK), ("reminder_day", DAY))
    }
    | {
        "renewal_coming": Sweep(due=_renewals, membership="pk", tell=partial(_tell_bill, "renewal_coming")),
        "trial_ending": Sweep(due=_trials, membership="pk", tell=partial(_tell_bill, "trial_ending")),
        **{
            kind: Sweep(
                due=partial(_price_changes, kind), membership="membership", tell=partial(_tell_price, kind)
            )
            for kind in ("price_change", "price_stays")
        },
        "card_expiring": Sweep(due=_cards, membership="customer__memberships", tell=_tell_card),
    }
)
