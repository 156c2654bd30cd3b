"""What a membership may use: its plan, plus its packages, plus what staff gave it beside them."""

from collections.abc import Collection, Iterable
from functools import reduce
from operator import add

from django.db.models import QuerySet

from memberships.models import LimitOverride, Membership, MembershipItem
from products.limits import Kind, Limits
from products.models import Product
from products.operations.catalogue import limits_of

USABLE = frozenset({Membership.State.TRIALING, Membership.State.ACTIVE, Membership.State.PAST_DUE})


def entitlements(membership: Membership) -> Limits:
    """Plan + package × quantity over the live items + overrides; services add nothing. Three queries.

    A membership that is not live (pending, expired, cancelled) is entitled to nothing new.
    """
    return entitlements_of([membership])[membership.pk]


def entitlements_of(memberships: Collection[Membership]) -> dict[int, Limits]:
    """`entitlements` of many, by membership id. Three queries for all."""
    allowed = {membership.pk: Limits() for membership in memberships}
    usable = [membership.pk for membership in memberships if membership.state in USABLE]
    if not usable:
        return allowed
    items = list(
        MembershipItem.objects.live()
        .filter(membership__in=usable)
        .exclude(product__type=Product.Type.SERVICE)
        .select_related("product")
    )
    limits = limits_of({item.product for item in items})
    for item in items:
        allowed[item.membership_id] += limits[item.product_id] * item.quantity
    for row in LimitOverride.objects.in_force().filter(membership__in=usable):
        allowed[row.membership_id] += Limits({Kind(row.kind): row.amount})
    return allowed


def plans_of(membership_id: int) -> QuerySet[MembershipItem, int]:
    """The id of the plan that the membership has, to be asked for within another query."""
    items = MembershipItem.objects.live().filter(membership=membership_id, product__type=Product.Type.PLAN)
    return items.values_list("product", flat=True)


def limits_together(held: Iterable[tuple[Product, int]]) -> Limits:
    """Plan + package × quantity; services add nothing. One query."""
    counted = [(product, quantity) for product, quantity in held if product.type != Product.Type.SERVICE]
    limits = limits_of([product for product, _quantity in counted])
    return reduce(add, (limits[product.pk] * quantity for product, quantity in counted), Limits())
