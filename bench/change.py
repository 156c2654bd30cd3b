"""The Change page's update: what a click on a plan costs, in a small catalogue and in a large one."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final
from urllib.parse import urlencode

from django.test import Client as Browser
from django.utils import timezone

from bench.client import Client
from bench.measure import Figure, Goal, Line, Row
from bench.servers import Servers
from memberships.models import Membership
from products.models import PlanGroup, Product
from sites.models import Domain, Site
from tests.factories.catalogue import MONTH, YEAR, product
from tests.factories.world import World

BLOCKS: Final = 12
REQUESTS: Final = 30  # in a block, of each page
MOST_STATEMENTS: Final = 8
MOST_TIMES: Final = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much there is to choose from, and how much the member has."""

    plans: int
    packages: int
    items: int
    sites: int

    def __str__(self) -> str:
        return f"{self.plans} plans, {self.packages} packages, {self.items} items, {self.sites} sites"


FEW: Final = Size(plans=3, packages=1, items=1, sites=1)
MANY: Final = Size(plans=60, packages=30, items=12, sites=20)


def measure(servers: Servers) -> Figure:
    world = World(servers.gateway)
    client = Client(servers.web_port)
    plain = partial(client.get, "/bench/plain/", {}, holding=b"plan")
    few, many = _update(client, world, "few", FEW), _update(client, world, "many", MANY)
    asked: dict[str, Callable[[], float]] = {"plain": plain, "few": few, "many": many}
    times: dict[str, list[list[float]]] = {name: [] for name in asked}
    for block in range(-2, BLOCKS):  # the first two warm up
        for name, ask in asked.items():
            milliseconds = [ask() * 1000 for _ in range(REQUESTS)]
            if block >= 0:
                times[name].append(milliseconds)
    theirs = Line(what="a plain view, one query", unit="ms", blocks=times["plain"])
    goal = Goal(most=MOST_TIMES)
    rows = [
        Row(ours=Line(what=str(size), unit="ms", blocks=times[name]), theirs=theirs, goal=goal)
        for name, size in (("few", FEW), ("many", MANY))
    ]
    goal = Goal(most=MOST_STATEMENTS)
    rows += [_statements(servers, few, FEW, goal), _statements(servers, many, MANY, goal)]
    client.close()
    return Figure(
        title="The Change page's update, signed in, over HTTP",
        settings=[
            f"{BLOCKS} blocks of {REQUESTS} requests of each, in turn, one after another, connection kept",
            "one server, one middleware: gunicorn as in the demo, production's connection pool",
        ],
        rows=rows,
    )


def _statements(servers: Servers, ask: Callable[[], float], size: Size, goal: Goal) -> Row:
    with servers.statements() as seen:
        ask()
    return Row(ours=Line(what=f"SQL: {size}", blocks=[[len(seen.queries)]]), goal=goal)


def _update(client: Client, world: World, name: str, size: Size) -> Callable[[], float]:
    """The request of a member in the middle of a ladder of plans, with sites, who clicks on the next plan."""
    group = PlanGroup.objects.create(name=f"Plans of {name}")
    plans = [
        product(
            f"{name}-plan-{rank}", group=group, rank=rank, prices={MONTH: 1000 * rank, YEAR: 10_000 * rank}
        )
        for rank in range(1, size.plans + 1)
    ]
    packages = [
        product(f"{name}-package-{number}", type=Product.Type.PACKAGE, prices={MONTH: 500, YEAR: 5000})
        for number in range(size.packages)
    ]
    for plan in plans:
        plan.addons.set(packages)
    held, middle = packages[: size.items - 1], size.plans // 2
    membership = world.signs_up(name, plans[middle - 1], now=timezone.now(), addons=dict.fromkeys(held, 1))
    for number in range(size.sites):
        _make_site(membership, f"{name}-{number}")
    form = {"plan": [plans[middle].uid], "period": ["month-1"], "extra": [package.uid for package in held]}
    quantities = {f"quantity-{package.uid}": [1] for package in packages}
    query = urlencode({**form, **quantities}, doseq=True)
    browser = Browser()
    browser.force_login(membership.customer.user)
    headers = {"HX-Request": "true", "Cookie": f"sessionid={browser.cookies['sessionid'].value}"}
    path = f"/account/{membership.uid}/change/summary/?{query}"
    return partial(client.get, path, headers, holding=b"hx-swap-oob")


def _make_site(membership: Membership, slug: str) -> None:
    """Rows only: the page reads nothing of a site's schema."""
    now, uid = timezone.now(), uuid.uuid4()
    site = Site.objects.create(
        membership=membership, name=slug, slug=slug, uid=uid, schema_name=f"site_{uid.hex}",
        state=Site.State.READY, created_at=now, ready_at=now,
    )  # fmt: skip
    Domain.objects.create(domain=site.host, tenant=site, is_primary=True, created_at=now)
