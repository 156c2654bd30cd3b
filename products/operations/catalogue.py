"""What may be bought, asked in the business's words. Every function that asks the database is one query."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q

from products.limits import Kind, Limits
from products.models import Price, Product, ProductLimit
from products.models.product import ProductQuerySet


def offered_plans(current: Product) -> ProductQuerySet:
    """The plans a member of `current` may choose from: the active plans of its family, and `current` itself
    even when it is no longer sold. Low rank first. Raises ValueError when `current` is no plan."""
    if not current.is_plan:
        raise ValueError(f"{current.code} is a {current.type}; only plans have a family.")
    return (
        Product.objects.family_of(current)
        .filter(Q(is_active=True) | Q(pk=current.pk))
        .select_related("group", "tax_rate")
        .order_by("rank", "name", "pk")
    )


def offered_addons(plan: Product) -> ProductQuerySet:
    """The active packages and services that can be bought with `plan`; packages first."""
    return (
        Product.objects.on_sale()
        .filter(available_with=plan)
        .exclude(type=Product.Type.PLAN)
        .select_related("tax_rate")
        .order_by("type", "rank", "name", "pk")
    )


def current_prices(products: Iterable[Product], *, currency: str) -> dict[int, list[Price]]:
    """The prices at which `products` can be bought today in `currency`, by product id.

    A product without one is left out."""
    prices: dict[int, list[Price]] = defaultdict(list)
    for price in Price.objects.current().filter(product__in=_ids(products), currency=currency):
        prices[price.product_id].append(price)
    return dict(prices)


def limits_of(products: Iterable[Product]) -> dict[int, Limits]:
    """What each of `products` allows, by product id; every product has an entry, if only that of nothing."""
    ids = _ids(products)
    amounts: dict[int, dict[Kind, int | None]] = {product_id: {} for product_id in ids}
    known = [kind.value for kind in Kind]
    for row in ProductLimit.objects.filter(product__in=ids, kind__in=known):
        amounts[row.product_id][Kind(row.kind)] = row.amount
    return {product_id: Limits(of) for product_id, of in amounts.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """Where the members of a plan may go.

    `by_price` are the plans of the same rank: which way those are, the price per day decides.
    """

    plan: Product
    up: tuple[Product, ...]
    down: tuple[Product, ...]
    by_price: tuple[Product, ...]


def ladder(family: Sequence[Product]) -> list[Rung]:
    """Who can go where within one family, highest rank first. Nobody can go to a plan that is not sold."""
    offered = [plan for plan in family if plan.is_active]
    return [
        Rung(
            plan=plan,
            up=tuple(other for other in offered if other.rank > plan.rank),
            down=tuple(other for other in offered if other.rank < plan.rank),
            by_price=tuple(other for other in offered if other.rank == plan.rank and other.pk != plan.pk),
        )
        for plan in sorted(family, key=lambda plan: (-plan.rank, plan.name))
    ]


def _ids(products: Iterable[Product]) -> list[int]:
    return [product.pk for product in products]
