"""Alice has Premium (30.00) for March 2026 and looks at the network's pages in the middle of it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from memberships.models import Membership
from sites.models import Site
from sites.operations import apply_entitlements
from tests.factories.catalogue import Catalogue
from tests.factories.world import World
from tests.integration.checkout.staying import FIVE, write

MARCH_1 = datetime(2026, 3, 1, tzinfo=UTC)
MARCH_17 = datetime(2026, 3, 17, tzinfo=UTC)

SignedIn = Callable[[User], Client]


@pytest.fixture
def alice(world: World, catalogue: Catalogue) -> Membership:
    return world.signs_up("alice", catalogue.premium, now=MARCH_1)


@pytest.fixture
def in_march(alice: Membership) -> Iterator[None]:
    """It is 17 March. The clock stands still, so a price is the same from the first look to the last."""
    with time_machine.travel(MARCH_17, tick=False):
        yield


@pytest.fixture
def signed_in() -> SignedIn:
    def client_of(user: User) -> Client:
        client = Client(headers={"host": "localhost"})
        client.force_login(user)
        return client

    return client_of


@pytest.fixture
def browser(signed_in: SignedIn, alice: Membership, in_march: Any) -> Client:
    """Alice's browser, on 17 March."""
    return signed_in(alice.customer.user)


@pytest.fixture
def site(alice, site_a: Site) -> Site:
    """Alice's site, with five posts where Premium has room for a hundred and Free for three."""
    Site.objects.filter(pk=site_a.pk).update(membership=alice)
    apply_entitlements(site_id=site_a.pk, now=MARCH_17)
    found = Site.objects.get(pk=site_a.pk)
    write(found, *FIVE)
    return found
