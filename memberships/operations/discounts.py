"""Discount codes at work. Each use is a row: reserved with an order, in force once that takes effect, counted down,
ended."""

from collections.abc import Mapping
from datetime import datetime
from re import fullmatch
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from memberships.models import DiscountUse, Membership, ScheduledChange
from memberships.operations.terms import Terms
from products import pricing
from products.models import Discount, Product


class CodeRefused(Exception):
    """The code cannot be entered. `reason` is one of `unknown`, `not_yet`, `over`, `used_up` (by all together),
    `used_before` (by this customer), `wrong_currency` and `in_force` (for this membership, which keeps the periods
    that are left of it)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def grant(*, code: str, terms: Terms, now: datetime) -> pricing.Discount:
    """What `code`, as it was typed, takes off for the membership of `terms`. At most one query.

    Raises CodeRefused. What is chosen may still leave nothing to take it off.
    """
    code = code.strip().upper()
    if not fullmatch(Discount.SPELLING, code):
        raise CodeRefused("unknown")
    if terms.discount is not None and terms.discount.code == code:
        raise CodeRefused("in_force")
    uses = DiscountUse.objects.counted_for(terms.membership).filter(discount=OuterRef("pk"))
    of_customer = uses.filter(membership__customer=terms.membership.customer_id)
    found: Any = (
        Discount.objects.named(code)
        .annotate(
            times_used=_number_of(uses),
            times_used_before=_number_of(of_customer),
            only_for=ArraySubquery(
                Product.objects.filter(discounts=OuterRef("pk")).order_by("code").values("code")
            ),
        )
        .first()
    )
    if found is None:
        raise CodeRefused("unknown")
    if found.currency not in {"", terms.membership.currency}:
        raise CodeRefused("wrong_currency")
    if found.starts_at is not None and now < found.starts_at:
        raise CodeRefused("not_yet")
    if not found.is_active or (found.ends_at is not None and now >= found.ends_at):
        raise CodeRefused("over")
    if found.most_uses_per_customer is not None and found.times_used_before >= found.most_uses_per_customer:
        raise CodeRefused("used_before")
    if found.most_uses is not None and found.times_used >= found.most_uses:
        raise CodeRefused("used_up")
    return pricing.Discount(
        code=found.code,
        percent=found.percent.normalize() if found.percent is not None else None,
        amount=found.amount,
        periods_left=found.periods,
        products=tuple(found.only_for),
        setup_fee=found.covers_setup_fee,
    )


def lock_code(code: str) -> Discount | None:
    """The row of `code`, locked until the transaction ends: of two who want its last use, the second waits and is
    then told. None when there is no such code any more."""
    return Discount.objects.named(code).select_for_update().first()


def reserve(
    *, membership: Membership, discount: Discount, terms: Mapping[str, Any], reference: str, now: datetime
) -> DiscountUse:
    """Take one use of `discount` for what `reference` names. The caller has locked the membership and the code.

    `terms` is the kernel's discount as it was granted, in its JSON.
    """
    return DiscountUse.objects.create(
        membership=membership, discount=discount, reference=reference, terms=dict(terms), reserved_at=now
    )


def reserved_for(*, membership: Membership, reference: str) -> DiscountUse | None:
    """The use that was reserved with the order `reference`."""
    return membership.discount_uses.filter(state=DiscountUse.State.RESERVED, reference=reference).first()


def release(*, reference: str, now: datetime) -> None:
    """Give the use back that was reserved for `reference`, when that came to nothing. Without one nothing happens."""
    DiscountUse.objects.filter(reference=reference).release(now=now)


def scheduled_discount(change: ScheduledChange | None) -> pricing.Discount | None:
    """The code that begins when `change` takes effect: what the renewal then passes to `scenario`."""
    return None if change is None or change.discount_use is None else change.discount_use.granted


def settle_discount(
    *,
    membership: Membership,
    entered: DiscountUse | None,
    after: pricing.Discount | None,
    now: datetime,
) -> None:
    """Follow what a change that took effect says of the code: `after` is what is left of it.

    The code that was `entered` takes the place of the one in force; without one, that goes on. What has no periods left
    is ended.
    """
    live = membership.discount_uses.live().first()
    if entered is not None and live is not None:
        live.end(now=now)
    use = entered or live
    if use is not None:
        use.go_on(periods_left=0 if after is None else after.periods_left, now=now)


def bring_back(
    *, membership: Membership, reference: str, before: pricing.Discount | None, now: datetime
) -> None:
    """Undo what the change `reference` did to the membership's codes: the one entered with it may be used again, and
    `before`, the one that was in force, is so again with the periods that it had."""
    entered = membership.discount_uses.filter(reference=reference).exclude(state=DiscountUse.State.RELEASED)
    entered.update(state=DiscountUse.State.RELEASED, settled_at=now)
    if before is not None:
        kept = membership.discount_uses.counted().filter(terms__code=before.code).latest("id")
        kept.go_on(periods_left=before.periods_left, now=now)


def _number_of(uses: QuerySet[DiscountUse]) -> Coalesce:
    counted = uses.order_by().values("discount").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted), 0, output_field=IntegerField())
