"""A product that comes from elsewhere, with its prices, its limits and its place in the catalogue."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from products.limits import Kind
from products.models import PlanGroup, Price, Product, TaxRate
from products.operations.limits import change_limits
from products.operations.prices import add_price


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPrice:
    """`amount` is in minor units per interval."""

    interval_unit: str
    interval_count: int
    amount: int
    trial_days: int = 0


@transaction.atomic
def bring_in_product(
    *,
    code: str,
    type: str,  # noqa: A002 -- the model's own word
    name: str,
    description: str,
    is_active: bool,
    group: str,
    rank: int,
    available_with: Iterable[Product],
    tax_rate: TaxRate | None,
    currency: str,
    prices: Sequence[NewPrice],
    setup_fee: int,
    limits: Mapping[Kind, int | None],
    now: datetime,
) -> tuple[Product, bool]:
    """Make the product, with `prices` and `setup_fee` in minor units of `currency`; the plan group called `group` is
    made when there is none. One that is here stays as it is, and gets the prices of a currency that it has none in.

    Answers the product and whether anything was done. Raises ValidationError when something contradicts itself.
    """
    product = Product.objects.select_for_update().filter(code=code).first()
    is_new = product is None
    if product is None:
        product = Product(
            type=type, code=code, name=name, description=description, is_active=is_active, rank=rank,
            tax_rate=tax_rate, group=PlanGroup.objects.get_or_create(name=group)[0] if group else None,
        )  # fmt: skip
        product.full_clean()
        product.save()
        change_limits(product=product, amounts=limits)
        for plan in available_with:
            plan.addons.add(product)
    if Price.objects.current().filter(product=product, currency=currency).exists():
        return product, False
    for price in prices:
        add_price(
            product=product, currency=currency, interval_unit=price.interval_unit, amount=price.amount,
            interval_count=price.interval_count, setup_fee=setup_fee, trial_days=price.trial_days, now=now,
        )  # fmt: skip
    return product, is_new or bool(prices)
