"""Prices are versions: what a member bought never changes under them."""

from datetime import datetime

from django.db import transaction

from products.models import Price, Product

MONTHS_IN_A_YEAR = 12


class PriceReplaced(Exception):
    """Somebody else replaced this version first."""


def normal_interval(*, unit: str, count: int) -> tuple[str, int]:
    """The one way an interval is written: 12 months are 1 year."""
    if unit == Price.Unit.MONTH and count and count % MONTHS_IN_A_YEAR == 0:
        return Price.Unit.YEAR, count // MONTHS_IN_A_YEAR
    return unit, count


@transaction.atomic
def add_price(
    *,
    product: Product,
    currency: str,
    interval_unit: str,
    interval_count: int,
    amount: int,
    setup_fee: int = 0,
    trial_days: int = 0,
    now: datetime,
) -> Price:
    """Put `product` on sale at `amount` (minor units) per interval, from `now` on.

    Raises ValidationError when the price contradicts itself or another current one.
    """
    unit, count = normal_interval(unit=interval_unit, count=interval_count)
    price = Price(
        product=product,
        currency=currency,
        interval_unit=unit,
        interval_count=count,
        amount=amount,
        setup_fee=setup_fee,
        trial_days=trial_days,
        created_at=now,
    )
    price.full_clean()
    price.save()
    return price


@transaction.atomic
def revise_price(*, price: Price, amount: int, setup_fee: int, trial_days: int, now: datetime) -> Price:
    """Replace `price` by a version with these figures (minor units); members who have the old one keep it.

    Returns the version that is now sold: `price` itself when nothing differs. Raises PriceReplaced when
    `price` is no longer the current version, ValidationError when the figures contradict each other.
    """
    current = _lock_current(price)
    if (current.amount, current.setup_fee, current.trial_days) == (amount, setup_fee, trial_days):
        return current
    _supersede(current, now=now)
    return add_price(
        product=current.product,
        currency=current.currency,
        interval_unit=current.interval_unit,
        interval_count=current.interval_count,
        amount=amount,
        setup_fee=setup_fee,
        trial_days=trial_days,
        now=now,
    )


@transaction.atomic
def retire_price(*, price: Price, now: datetime) -> None:
    """Stop selling at `price`; members who have it keep it. Raises PriceReplaced when it was done before."""
    _supersede(_lock_current(price), now=now)


def _lock_current(price: Price) -> Price:
    try:
        return Price.objects.current().select_for_update().get(pk=price.pk)
    except Price.DoesNotExist:
        raise PriceReplaced from None


def _supersede(price: Price, *, now: datetime) -> None:
    price.superseded_at = now
    price.save(update_fields=["superseded_at"])
