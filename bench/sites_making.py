"""A new site: every migration for it, or the template's replay, or a spare from the warm pool."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from time import perf_counter
from typing import Final
from uuid import uuid4

from django.test import override_settings
from django.utils import timezone

from bench.client import Client
from bench.measure import Figure, Goal, Line, Row
from bench.servers import Servers
from memberships.models import Membership
from products.limits import Kind
from sites import routing
from sites.models import Site
from sites.operations import create_site, ensure_template, provision_site, spares
from tests.factories.catalogue import MONTH, product
from tests.factories.world import World

ROUNDS: Final = 2
COLD: Final = 3  # sites in a round
WARM: Final = 8
STEPS: Final = ("schema", "limits", "owner", "content", "domain", "proof")


def measure(servers: Servers) -> Iterator[Figure]:
    ensure_template(now=timezone.now())
    allowed = {Kind.SITES: None, Kind.USERS: 1, Kind.POSTS: 10, Kind.PAGES: 10}
    plan = product("making", prices={MONTH: 0}, limits=allowed)
    membership = World(servers.gateway).signs_up("making", plan, now=timezone.now())
    with closing(Client(servers.web_port)) as browser:
        making = _Making(membership, browser)
        making.seconds(1)
        making.first_pages()  # the web process and this one have read their code
        stock, cold, warm, building, pages = [], [], [], [], []
        for _ in range(ROUNDS):
            stock.append([_seconds(_stock)])
            cold.append(making.seconds(COLD))
            with override_settings(SPARE_SITES=WARM):
                building.append([_seconds(lambda: spares.fill(now=timezone.now())) / WARM])
            warm.append(making.seconds(WARM))
            pages.append(making.first_pages())
    yield _figure(stock=stock, cold=cold, warm=warm, building=building, pages=pages, making=making)


class _Making:
    """A customer who makes site after site and looks at each."""

    def __init__(self, membership: Membership, browser: Client) -> None:
        self._membership = membership
        self._browser = browser
        self.sites: list[Site] = []

    def seconds(self, number: int) -> list[float]:
        return [_seconds(self._make) for _ in range(number)]

    def first_pages(self) -> list[float]:
        """Seconds until the home page of each of the last round's sites is in a browser for the first time."""
        return [
            self._browser.get("/", {"Host": site.host}, holding=site.name.encode())
            for site in self.sites[-WARM:]
        ]

    def steps_of_warm_ones(self) -> dict[str, list[float]]:
        """How long each step took of the last round's sites, in milliseconds."""
        rows = [row for site in self.sites[-WARM:] for row in site.steps.values_list("name", "seconds")]
        return {step: [seconds * 1000 for name, seconds in rows if name == step] for step in STEPS}

    def _make(self) -> None:
        name = f"made-{uuid4().hex[:8]}"
        site = create_site(membership=self._membership, name=name, slug=name, now=timezone.now())
        provision_site(site_id=site.pk, now=timezone.now())
        route = routing.find(site.host)
        if route is None or not route.is_ready:
            raise RuntimeError(f"{site.host} does not lead to a ready site.")
        self.sites.append(site)


def _figure(
    *,
    stock: list[list[float]],
    cold: list[list[float]],
    warm: list[list[float]],
    building: list[list[float]],
    pages: list[list[float]],
    making: _Making,
) -> Figure:
    theirs = Line(what="stock: create_schema, all migrations", unit="s", blocks=stock)
    steps = making.steps_of_warm_ones()
    return Figure(
        title="A new site, from the order to an address that leads to it",
        settings=[
            f"{ROUNDS} rounds of 1 stock, {COLD} cold and {WARM} warm; fsync on; the template was built before",
            "ours: rows, schema, limits, owner, content, a rendered page as proof, routing; stock: the tables alone",
        ],
        rows=[
            Row(
                ours=Line(what="cold: the template's replay", unit="s", blocks=cold),
                theirs=theirs,
                goal=Goal(most=1 / 25),
            ),
            Row(
                ours=Line(what="warm: a spare of the pool", unit="s", blocks=warm),
                theirs=theirs,
                goal=Goal(most=1 / 200),
            ),
            *(Row(ours=Line(what=f"  of which {step}", unit="ms", blocks=[steps[step]])) for step in STEPS),
            Row(ours=Line(what="its home page, for the first time, over HTTP", unit="s", blocks=pages)),
            Row(ours=Line(what="building a spare, ahead", unit="s", blocks=building)),
        ],
    )


def _seconds(what: Callable[[], object]) -> float:
    started = perf_counter()
    what()
    return perf_counter() - started


def _stock() -> None:
    """What django-tenants does for a new site."""
    Site(uid=uuid4()).create_schema(check_if_exists=True, sync_schema=True, verbosity=0)
