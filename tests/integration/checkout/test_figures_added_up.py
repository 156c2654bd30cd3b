"""The figures that are one statement over a large network, beside the same added up row by row."""

from collections import Counter, defaultdict
from datetime import UTC, datetime

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from checkout.operations.figures import revenue, usage
from memberships.models import Customer, Membership, MembershipItem, RecurringAmount
from products.limits import Kind
from products.models import Product
from sites.models import Site
from tests.factories.catalogue import MONTH, product

NOW = datetime(2026, 3, 1, tzinfo=UTC)
STATES = ("ready", "failed", "recycled")
amounts = st.integers(0, 500)
sites = st.fixed_dictionaries(
    {
        "state": st.sampled_from(STATES),
        "used": st.dictionaries(st.sampled_from([Kind.POSTS, Kind.DISK, Kind.VISITS]), amounts),
        "allowed": st.dictionaries(
            st.sampled_from([Kind.POSTS, Kind.DISK, Kind.VISITS]), st.none() | amounts
        ),
    }
)
members = st.fixed_dictionaries(
    {
        "plans": st.lists(st.integers(0, 2), max_size=2, unique=True),  # the last one is had now, others were
        "has_package": st.booleans(),
        "currency": st.sampled_from(["EUR", "USD"]),
        "brings": st.lists(amounts, max_size=4),
        "sites": st.lists(sites, max_size=3),
    }
)


def write(number, member, plans, package):
    user = User.objects.create(email=f"m{number}@example.com")
    membership = Membership.objects.create(
        customer=Customer.objects.create(user=user), currency=member["currency"], created_at=NOW
    )
    had = [plans[at] for at in member["plans"]]
    for position, sold in enumerate([*had, *([package] if member["has_package"] else [])]):
        ended = NOW if position < len(had) - 1 else None
        price = sold.prices.get()
        MembershipItem.objects.create(
            membership=membership, product=sold, price=price, unit_price=0, added_at=NOW, ended_at=ended
        )
    before = 0
    for brings in member["brings"]:
        if brings != before:
            RecurringAmount.objects.create(
                membership=membership, plan=plans[brings % 3], movement="new", currency=member["currency"],
                delta=brings - before, amount=brings, at=NOW,
            )  # fmt: skip
        before = brings
    for position, site in enumerate(member["sites"]):
        Site.objects.create(
            name=f"S{number}", slug=f"s{number}-{position}", membership=membership, state=site["state"],
            usage=site["used"], entitlements=site["allowed"], created_at=NOW, ready_at=NOW,
            recycled_at=NOW if site["state"] == "recycled" else None,
        )  # fmt: skip


@pytest.fixture
def sold(db):
    plans = [product(f"plan-{number}", prices={MONTH: 1000}) for number in range(3)]
    return plans, product("package", type=Product.Type.PACKAGE, prices={MONTH: 500})


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(members, max_size=6))
def test_a_statement_finds_what_adding_up_row_by_row_does(sold, network):
    plans, package = sold
    with transaction.atomic():
        for number, member in enumerate(network):
            write(number, member, plans, package)
        found = {of.product_id: of.total.count for of in usage.sites_by_plan()}
        assert found == sites_by_plan(network, plans)
        assert [len(usage.sites_of_plan(plan_id=pk)) for pk in found] == list(found.values())
        brought = {
            currency: {of.product_id: (of.total.count, of.total.amount) for of in each}
            for currency, each in revenue.recurring_by_plan().items()
        }
        assert brought == recurring_by_plan(network, plans)
        assert usage.near_limits(limit=None)[0] == near(network)
        assert [site.used for site in usage.largest(Kind.VISITS)] == visited(network)
        transaction.set_rollback(True)


def sites_by_plan(network, plans) -> dict[int, int]:
    counted: Counter[int] = Counter()
    for member in network:
        for site in member["sites"]:
            if member["plans"] and site["state"] != "recycled":
                counted[plans[member["plans"][-1]].pk] += 1
    return counted


def recurring_by_plan(network, plans) -> dict[str, dict[int, tuple[int, int]]]:
    found: dict[str, dict[int, tuple[int, int]]] = defaultdict(dict)
    for member in network:
        brings = member["brings"][-1] if member["brings"] else 0
        if brings:
            plan = plans[brings % 3].pk
            count, amount = found[member["currency"]].get(plan, (0, 0))
            found[member["currency"]][plan] = (count + 1, amount + brings)
    return found


def ready(network):
    return [site for member in network for site in member["sites"] if site["state"] == "ready"]


def near(network) -> int:
    return sum(
        bool(allowed) and site["used"].get(kind, -1) * 100 >= allowed * 80
        for site in ready(network)
        for kind, allowed in site["allowed"].items()
    )


def visited(network) -> list[int]:
    counted = [site["used"].get(Kind.VISITS, 0) for site in ready(network)]
    return sorted((count for count in counted if count > 0), reverse=True)
