"""What a membership may use: its plan plus its packages."""

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
    items = [
        item
        for item in membership.items.live().select_related("product")
        if item.product.type != Product.Type.SERVICE
    ]
    limits = limits_of([item.product for item in items])
    return reduce(add, (limits[item.product_id] * item.quantity for item in items), Limits())
