"""Fixtures of customers' sites: the template built once, two sites provisioned once, rows made anew for every
test.

A site's schema is expensive and its rows in the network are cheap. So `site_a` and `site_b` find their
schemas standing, with the content every new site begins with, and get their rows inside the test's
transaction. What a test writes into the schema is rolled back with it. A test that needs real commits
(threads) uses `make_site`, whose schemas are dropped afterwards.
"""

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, Protocol

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client

import config.celery  # noqa: F401 -- tasks find their broker
from accounts.models import User
from memberships.models import Customer, Membership, MembershipItem
from products.limits import Kind
from products.models import Price, Product, ProductLimit
from sites.metering import counter
from sites.models import Domain, Site, SiteTemplate
from sites.operations import apply_entitlements, ensure_template, hand_over, provision_site
from sites.operations.create import create_site
from sites.postgresql.base import current_connection

NOW = datetime(2026, 3, 12, 9, 30, tzinfo=UTC)
A, B = uuid.UUID(int=0xA), uuid.UUID(int=0xB)
LIMITS: dict[Kind, int | None] = {
    Kind.SITES: 2,
    Kind.POSTS: 3,
    Kind.PAGES: 2,
    Kind.DISK: 200_000,
    Kind.USERS: 2,
    Kind.VISITS: 1000,
}


class MakeSite(Protocol):
    def __call__(self, slug: str, *, limits: dict[Kind, int | None] | None = ...) -> Site: ...


@pytest.fixture(scope="session")
def _site_schemas(django_db_setup: None, django_db_blocker: Any) -> dict[str, Any]:
    """The template as it was built; with it the schemas of `site_a` and `site_b`, without any row in
    the network."""
    with django_db_blocker.unblock():
        template = ensure_template(now=NOW)
        with transaction.atomic():
            for slug, uid in (("alpha", A), ("bravo", B)):
                _drop(f"site_{uid.hex}")  # left by an earlier run with --reuse-db
                site = _create(slug, uid=uid, limits=LIMITS)
                provision_site(site_id=site.pk, now=NOW)
                _remove_rows(site)
    return {name: getattr(template, name) for name in ("fingerprint", "sql", "sources", "built_at")}


@pytest.fixture
def site_template(db: None, _site_schemas: dict[str, Any]) -> SiteTemplate:
    """The template's row, put back when a test's truncation took it."""
    template, _made = SiteTemplate.objects.get_or_create(
        fingerprint=_site_schemas["fingerprint"], defaults=_site_schemas
    )
    return template


@pytest.fixture
def site_a(site_template: SiteTemplate) -> Site:
    """Alice's ready site at alpha.sites.localhost, within `LIMITS`."""
    return _ready("alpha", uid=A)


@pytest.fixture
def site_b(site_template: SiteTemplate) -> Site:
    """Bob's ready site at bravo.sites.localhost, within `LIMITS`."""
    return _ready("bravo", uid=B)


@pytest.fixture
def make_site(site_template: SiteTemplate) -> Iterator[MakeSite]:
    """Provision a site with a schema of its own, for tests that commit. The schema goes when the test is
    over."""
    made: list[Site] = []

    def make(slug: str, *, limits: dict[Kind, int | None] | None = None) -> Site:
        site = _create(slug, uid=uuid.uuid4(), limits={**LIMITS, **(limits or {})})
        made.append(site)
        return provision_site(site_id=site.pk, now=NOW)

    cache.clear()
    yield make
    current_connection().set_schema_to_public()
    for site in made:
        _drop(site.schema_name)


@pytest.fixture
def on_site() -> Callable[[Site], Client]:
    """A browser on a site's host, signed in nowhere."""
    return lambda site: Client(headers={"host": site.host, "user-agent": "Mozilla/5.0 (X11) Firefox/140.0"})


@pytest.fixture
def owner_of(on_site: Callable[[Site], Client]) -> Callable[[Site], Client]:
    """A browser on a site's host, its owner signed in through the hand-over."""

    def enter(site: Site) -> Client:
        from django.utils import timezone

        token = hand_over(site=site, user=site.membership.customer.user, now=timezone.now())
        browser = on_site(site)
        response = browser.post("/enter/", {"token": token})
        assert response.status_code == 302, response.content
        return browser

    return enter


@pytest.fixture
def visits() -> Iterator[None]:
    """The counter, empty before and after."""
    counter.client().flushdb()
    yield
    counter.client().flushdb()


def set_limits(site: Site, limits: dict[Kind, int | None], *, now: datetime = NOW) -> None:
    """Change what the plan of the site's membership allows, and apply it. A switch is turned off with 0."""
    plan = site.membership.items.get(product__type=Product.Type.PLAN).product
    for kind, amount in limits.items():
        if kind.is_switch and amount == 0:
            ProductLimit.objects.filter(product=plan, kind=kind.value).delete()
            continue
        ProductLimit.objects.update_or_create(product=plan, kind=kind.value, defaults={"amount": amount})
    apply_entitlements(site_id=site.pk, now=now)
    site.refresh_from_db()


def member(name: str, *, limits: dict[Kind, int | None], uid: uuid.UUID | None = None) -> Membership:
    """`name` with an active membership of a free plan of their own."""
    user = User.objects.create_user(f"{name}@example.com", name=name.title(), uid=uid or uuid.uuid4())
    plan = Product.objects.create(code=f"plan-of-{name}", name="Free")
    price = Price.objects.create(product=plan, currency="EUR", amount=0)
    for kind, amount in limits.items():
        ProductLimit.objects.create(product=plan, kind=kind.value, amount=amount)
    membership = Membership.objects.create(
        customer=Customer.objects.create(user=user),
        currency="EUR",
        state="active",
        created_at=NOW,
        activated_at=NOW,
    )
    MembershipItem.objects.create(
        membership=membership, product=plan, price=price, unit_price=0, added_at=NOW
    )
    return membership


def _create(slug: str, *, uid: uuid.UUID, limits: dict[Kind, int | None]) -> Site:
    membership = member(f"{slug}-owner", limits=limits, uid=uid)
    site = create_site(membership=membership, name=f"{slug.title()} Garden", slug=slug, now=NOW)
    Site.objects.filter(pk=site.pk).update(uid=uid, schema_name=f"site_{uid.hex}")
    return _fresh(site)


def _ready(slug: str, *, uid: uuid.UUID) -> Site:
    cache.clear()
    site = _create(slug, uid=uid, limits=LIMITS)
    Site.objects.filter(pk=site.pk).update(state=Site.State.READY, ready_at=NOW)
    site.steps.update(state="done", attempts=1, started_at=NOW, finished_at=NOW)
    apply_entitlements(site_id=site.pk, now=NOW)
    return _fresh(site)


def _fresh(site: Site) -> Site:
    found: Site = Site.objects.select_related("membership__customer__user").get(pk=site.pk)
    return found


def _remove_rows(site: Site) -> None:
    user = site.membership.customer.user
    products = Product.objects.filter(items__membership=site.membership)
    Domain.objects.filter(tenant=site).delete()
    plan_ids = list(products.values_list("pk", flat=True))
    Site.objects.filter(pk=site.pk).delete()
    MembershipItem.objects.filter(membership=site.membership).delete()
    Membership.objects.filter(pk=site.membership.pk).delete()
    Customer.objects.filter(user=user).delete()
    # Django would look for what hangs on the user in sites' tables too, which the network does not have.
    User.objects.filter(pk=user.pk)._raw_delete("default")
    Price.objects.filter(product__in=plan_ids).delete()
    Product.objects.filter(pk__in=plan_ids).delete()


def _drop(schema: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f'DROP SCHEMA IF EXISTS "{schema}" CASCADE')
