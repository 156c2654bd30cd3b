"""What a membership may use: its plan plus its packages."""

from collections.abc import Iterable
from functools import reduce
from operator import add

from memberships.models import Membership
from products.limits import Limits
from products.models import Product
from products.operations.catalogue import limits_of

USABLE = frozenset({Membership.State.TRIALING, Membership.State.ACTIVE, Membership.State.PAST_DUE})


def entitlements(membership: Membership) -> Limits:
    """Plan + package × quantity over the live items; services add nothing. Two queries.

    A membership that is not live (pending, expired, cancelled) is entitled to nothing new.
    """
    if membership.state not in USABLE:
        return Limits()
    return limits_together(
        (item.product, item.quantity) for item in membership.items.live().select_related("product")
    )


def limits_together(held: Iterable[tuple[Product, int]]) -> Limits:
    """Plan + package × quantity; services add nothing. One query."""
    counted = [(product, quantity) for product, quantity in held if product.type != Product.Type.SERVICE]
    limits = limits_of([product for product, _quantity in counted])
    return reduce(add, (limits[product.pk] * quantity for product, quantity in counted), Limits())
