"""A membership that began elsewhere and goes on here: paid until a day, and billed from then on."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import User
from memberships.models import Customer, Membership, MembershipItem, WalletEntry
from memberships.operations.recurring import record_recurring_amount
from memberships.operations.tax import amount_for, rate_for
from products.models import Price, Product
from products.pricing import Interval, Period
from products.pricing.period import add, next_anchor

KIND = "imported"


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """A product and what is paid for one of it per interval: minor units, as prices are listed."""

    product: Product
    amount: int
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a membership stands when it comes. `paid_until` is None for one that costs nothing, is in a trial or has
    ended; `paid_since` is an interval before it unless it is known. All moments are in UTC: periods are counted from
    the day of `since` where what is paid for ends on such a day."""

    state: Membership.State
    currency: str
    interval: Interval
    since: datetime
    paid_since: datetime | None = None
    paid_until: datetime | None = None
    trial_end: datetime | None = None
    ended_at: datetime | None = None


@transaction.atomic
def bring_in_membership(
    *,
    customer: Customer,
    standing: Standing,
    items: Iterable[Brought],
    wallet: int,
    reference: str,
    actor: User | None,
    now: datetime,
) -> Membership:
    """Write the membership down as it stands, with its items and `wallet` (minor units of credit). Nothing is charged:
    the schedule bills it when what is paid for, or the trial, has ended.

    What was paid elsewhere is on no invoice of ours, so a change before then gives no credit for unused time.
    """
    period = _paid_for(standing)
    membership = Membership.objects.create(
        customer=customer,
        state=standing.state,
        currency=standing.currency,
        interval_unit=standing.interval.unit,
        interval_count=standing.interval.count,
        anchor=_anchor(standing, period) if period else None,
        period_start=period.start if period else None,
        period_end=period.end if period else None,
        trial_end=standing.trial_end,
        created_at=standing.since,
        activated_at=None if standing.state == Membership.State.TRIALING else standing.since,
        ended_at=standing.ended_at,
    )
    items = list(items)
    for item in items:
        price = _price(item, membership, now=now)
        MembershipItem.objects.create(
            membership=membership,
            product=item.product,
            price=price,
            quantity=item.quantity,
            unit_price=amount_for(price.amount, item.product, customer, at=now),
            tax_percent=rate_for(item.product, customer, at=now),
            added_at=standing.since,
        )
    if standing.trial_end and not customer.trial_used:
        customer.trial_used = True
        customer.save(update_fields=["trial_used"])
    if wallet:
        WalletEntry.objects.create(
            membership=membership, amount=wallet, reason=WalletEntry.Reason.ADJUSTMENT, reference=reference,
            note=_("Credit brought along"), actor=actor, created_at=now,
        )  # fmt: skip
    plan = next(item.product for item in items if item.product.is_plan)
    membership.transitions.create(kind=KIND, went_to=plan.name, at=now, actor=actor, reference=reference)
    record_recurring_amount(membership=membership, reference=reference, now=now)
    return membership


def _paid_for(standing: Standing) -> Period | None:
    if standing.paid_until is None:
        return None
    start = standing.paid_since or add(standing.paid_until, standing.interval, -1)
    return Period(start=start, end=standing.paid_until)


def _anchor(standing: Standing, period: Period) -> datetime:
    """The day it began, where what is paid for ends on such a day: a 31st stays one, whatever month it is."""
    is_on_it = next_anchor(standing.since, standing.interval, period) == standing.since
    return standing.since if is_on_it and standing.since <= period.start else period.start


def _price(item: Brought, membership: Membership, *, now: datetime) -> Price:
    """The version of the product's price that says this amount. One that was never sold here is written down as one
    that is sold no more, so that members keep what they pay and nobody else can have it."""
    Product.objects.select_for_update(no_key=True).get(
        pk=item.product.pk
    )  # of two rows at once, one makes it
    versions = Price.objects.filter(
        product=item.product,
        currency=membership.currency,
        interval_unit=membership.interval_unit,
        interval_count=membership.interval_count,
        amount=item.amount,
    )
    known = versions.order_by(F("superseded_at").desc(nulls_first=True)).first()
    return known or Price.objects.create(
        product=item.product,
        currency=membership.currency,
        interval_unit=membership.interval_unit,
        interval_count=membership.interval_count,
        amount=item.amount,
        created_at=now,
        superseded_at=now,
    )
