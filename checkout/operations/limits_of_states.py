"""What a membership may use in the states that a price leads from and to."""

from collections.abc import Sequence

from memberships.models import Membership
from memberships.operations.entitlements import USABLE
from memberships.operations.overrides import given_beside
from products import pricing
from products.limits import Limits
from products.models import Product
from products.operations.catalogue import limits_of


def limits_of_states(membership: Membership, states: Sequence[pricing.HeldMembership | None]) -> list[Limits]:
    """For each state of `membership` what it allows, by what its products allow and what staff give beside them today;
    nothing for none, or for one that is over. Three queries for all."""
    codes = {item.product for state in states if state for item in state.items}
    products = Product.objects.exclude(type=Product.Type.SERVICE).in_bulk(codes, field_name="code")
    allowed = limits_of(list(products.values()))
    beside = given_beside(membership)
    found = []
    for state in states:
        limits = Limits()
        if state is not None and Membership.State(state.status) in USABLE:
            limits = beside
            for item in state.items:
                if item.product in products:
                    limits += allowed[products[item.product].pk] * item.quantity
        found.append(limits)
    return found
