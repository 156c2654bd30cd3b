"""What may be bought, asked in the business's words. Every function that asks the database is one query."""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import F, Q

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


def plans_on_sale() -> ProductQuerySet:
    """Every active plan, group by group and low rank first; those without a group come last."""
    return (
        Product.objects.on_sale()
        .plans()
        .select_related("group", "tax_rate")
        .order_by(F("group__name").asc(nulls_last=True), "rank", "name", "pk")
    )


def addons_on_sale(plans: Iterable[Product]) -> dict[Product, list[Product]]:
    """The active packages and services that go with any of `plans`, packages first, each with those of `plans` that it
    goes with, in their order."""
    by_id = {plan.pk: plan for plan in plans}
    pairs = (
        Product.addons.through.objects.filter(from_product__in=by_id, to_product__is_active=True)
        .exclude(to_product__type=Product.Type.PLAN)
        .select_related("to_product__tax_rate")
        .order_by("to_product__type", "to_product__rank", "to_product__name", "to_product")
    )
    found: dict[Product, set[int]] = defaultdict(set)
    for pair in pairs:
        found[pair.to_product].add(pair.from_product_id)
    return {
        addon: [plan for pk, plan in by_id.items() if pk in with_plans] for addon, with_plans in found.items()
    }


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


def _ids(products: Iterable[Product]) -> list[int]:
    return [product.pk for product in products]
