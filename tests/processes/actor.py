"""Runs inside a stack's environment, as a process of its own: plays customers and asks how things stand.

Reads one JSON object a line, `{"do": name, …arguments}`, and answers each with one line of JSON.
"""

import json
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import DateTimeField, F
from django.utils import timezone
from django_tenants.utils import tenant_context
from psycopg import sql
from wagtail.models import Page

from accounts.models import User
from accounts.network.models import NetworkSettings
from accounts.network.operations import change_settings
from checkout import tasks as checkout_tasks
from checkout.imports import tasks as import_tasks
from checkout.imports.models import ImportedMembership, ImportJob
from checkout.imports.operations import begin_import, read_csv, run_import
from checkout.models import Order
from checkout.operations.books import what_is_wrong
from checkout.operations.confirm import confirm
from checkout.operations.pay import pay
from checkout.operations.quote import make_quote
from checkout.operations.selection import Choice, choose, menu
from config.demo.catalogue import make_catalogue
from memberships import tasks as memberships_tasks
from memberships.models import (
    Attempt,
    Customer,
    Invoice,
    Membership,
    MembershipItem,
    Notice,
    Payment,
    Transition,
    WalletEntry,
)
from memberships.operations.price_campaigns import draft_campaign, publish_campaign
from memberships.operations.terms import terms_of
from products.models import Product
from products.pricing import Interval, Unit
from sites import tasks as sites_tasks
from sites.models import Site, SpareSchema
from sites.operations import create_site
from sites.operations import spares as spares_of_sites

MONTHLY = Interval(unit=Unit.MONTH, count=1)
SWEEPS = (
    memberships_tasks.sweep_inbound_events,
    memberships_tasks.sweep_payments,
    memberships_tasks.sweep_notices,
    memberships_tasks.announce_price_campaigns,
    checkout_tasks.sweep_orders,
    checkout_tasks.renew_due_memberships,
    sites_tasks.sweep_unfinished_sites,
    import_tasks.sweep_imports,
)


def signs_up(*, name: str, plan: str) -> dict[str, Any]:
    """A new customer without a site chooses `plan`. Answers the payment's attempt where there is something to pay."""
    user = User.objects.create_user(f"{name}@demo.example", "a-long-password", name=name.title())
    now = timezone.now().replace(microsecond=0)
    Membership.objects.create(
        customer=Customer.objects.create(user=user), currency=settings.CURRENCY, created_at=now
    )
    return _order(name, plan, now)


def orders(*, name: str, plan: str) -> dict[str, Any]:
    """A customer orders another plan and opens the payment page."""
    return _order(name, plan, timezone.now().replace(microsecond=0))


def stands(*, name: str) -> dict[str, Any]:
    """What there is of a customer, as counts and names that a test can name exactly."""
    membership = _membership(name)
    return {
        "state": membership.state,
        "plan": [item.product.code for item in membership.items.live() if item.product.is_plan],
        "orders": list(
            Order.objects.filter(membership=membership).order_by("pk").values_list("kind", "state")
        ),
        "paid": Payment.objects.filter(membership=membership, state="paid").count(),
        "attempts": list(
            Attempt.objects.filter(payment__membership=membership)
            .order_by("pk")
            .values_list("state", flat=True)
        ),
        "invoices": Invoice.objects.filter(membership=membership).count(),
        "changes": list(
            Transition.objects.filter(membership=membership)
            .exclude(reference="")
            .order_by("pk")
            .values_list("kind", flat=True)
        ),
        "unsent": membership.notices.filter(sent_at=None).count(),
    }


def begins_site(*, name: str) -> None:
    """A customer orders a site at the address `name`."""
    create_site(membership=_membership(name), name=name.title(), slug=name, now=timezone.now())


def site_stands(*, name: str) -> dict[str, Any]:
    """What there is of a customer's site: its state, how often each step was taken, what its schema holds."""
    site = Site.objects.get(slug=name)
    stands: dict[str, Any] = {
        "state": site.state,
        "steps": list(site.steps.order_by("position").values_list("name", "state", "attempts")),
    }
    if site.state == Site.State.READY:
        with tenant_context(site):
            stands["pages"] = list(Page.objects.order_by("path").values_list("title", flat=True))
            stands["people"] = list(User.objects.values_list("email", flat=True))
    return stands


def spares() -> int:
    """How many schemas stand ready."""
    return SpareSchema.objects.count()


def fill_pool() -> None:
    spares_of_sites.fill(now=timezone.now())


def empty_pool() -> None:
    for schema in SpareSchema.objects.values_list("schema_name", flat=True):
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(schema)))
    SpareSchema.objects.all().delete()


def sets(*, chosen: dict[str, Any], given_up: list[str]) -> None:
    """An owner changes the network's settings."""
    owner, _new = User.objects.get_or_create(email="owner@demo.example", defaults={"is_staff": True})
    row = NetworkSettings.objects.filter(pk=1).first()
    change_settings(
        chosen=chosen,
        given_up=given_up,
        seen=row.version if row else 0,
        actor=owner,
        now=timezone.now(),
    )


def lets_the_worker_fill_the_pool() -> None:
    sites_tasks.fill_pool.delay()


def schemas_of_nobody() -> list[str]:
    """Schemas of sites and spares that no row names."""
    with connection.cursor() as cursor:
        cursor.execute(r"SELECT nspname FROM pg_namespace WHERE nspname ~ '^(site|spare)_[0-9a-f]{32}$'")
        found = {name for (name,) in cursor.fetchall()}
    sites, pool = Site.objects.values_list("schema_name"), SpareSchema.objects.values_list("schema_name")
    return sorted(found - {name for (name,) in sites.union(pool)})


def uploads(*, name: str, members: int) -> None:
    """Staff send a file with so many members; the worker checks it."""
    rows = [f"{name}-{n},{name}-{n}@demo.example,free,1.00\n" for n in range(members)]
    lines = read_csv("".join(["reference,email,plan,wallet\n", *rows]).encode(), kind="memberships")
    now = timezone.now()
    job = begin_import(kind="memberships", file_name=name, lines=lines, asked_by=None, now=now)
    import_tasks.work_on_import.enqueue(job_id=job.pk)


def imports(*, name: str) -> None:
    """Staff let a file that is checked be brought in."""
    job = ImportJob.objects.get(file_name=name)
    assert run_import(job=job, now=timezone.now())
    import_tasks.work_on_import.enqueue(job_id=job.pk)


def import_stands(*, name: str) -> dict[str, Any]:
    """What became of a file: its state, its rows', how many members there are by it, and what is in their wallets."""
    job = ImportJob.objects.get(file_name=name)
    members = Membership.objects.filter(customer__user__email__startswith=f"{name}-")
    return {
        "state": job.state,
        "rows": list(job.rows.order_by("line").values_list("state", flat=True)),
        "references": ImportedMembership.objects.filter(reference__startswith=f"{name}-").count(),
        "members": members.count(),
        "wallets": [entry.amount for entry in WalletEntry.objects.filter(membership__in=members)],
    }


def changes_price(*, plan: str) -> None:
    """Staff publish a price change of one euro for everybody who has `plan`, two months from now."""
    now, price = timezone.now(), Product.objects.get(code=plan).prices.current().get(interval_unit="month")
    campaign = draft_campaign(
        from_price=price,
        amount=price.amount + 100,
        starts_at=now + timedelta(days=62),
        message="",
        actor=None,
        now=now,
    )
    publish_campaign(campaign=campaign, actor=None, now=now)


def told_of_prices() -> list[tuple[str, bool]]:
    """Who was told of a price change, and whether the mail went out."""
    notices = Notice.objects.filter(kind="price_change").order_by("to").values_list("to", "sent_at")
    return [(to, sent_at is not None) for to, sent_at in notices]


def is_due(*, name: str) -> None:
    """A customer's paid period is over: what is stored of it moves back, rather than the clock forward."""
    membership = _membership(name)
    assert membership.period_end is not None
    early = membership.period_end - timezone.now()
    for model, key in ((Membership, "pk"), (MembershipItem, "membership")):
        times = [field.name for field in model._meta.fields if isinstance(field, DateTimeField)]
        rows = model._default_manager.filter(**{key: membership.pk})
        rows.update(**{time: F(time) - early for time in times})


def a_while_later() -> None:
    """Whatever waits has waited for two minutes more."""
    with connection.cursor() as cursor:
        for table, column in (
            ("memberships_inboundevent", "received_at"),
            ("memberships_attempt", "started_at"),
            ("memberships_notice", "created_at"),
            ("sites_site", "created_at"),
        ):
            cursor.execute(f"UPDATE {table} SET {column} = {column} - interval '2 minutes'")


def sweep() -> None:
    """Let the schedule's sweeps run once, by the worker."""
    for task in SWEEPS:
        task.delay()


def wrong() -> list[str]:
    """What the check of the books finds."""
    return [str(finding) for finding in what_is_wrong(now=timezone.now())]


def _order(name: str, plan: str, now: Any) -> dict[str, Any]:
    membership = _membership(name)
    product = Product.objects.get(code=plan)
    terms = terms_of(membership)
    choice = Choice(plan=product.uid, interval=MONTHLY, addons={})
    picks = choose(menu=menu(terms=terms, plan=product.uid), choice=choice)
    quote = make_quote(terms=terms, picks=picks, user=membership.customer.user, now=now)
    order = confirm(quote=quote, user=membership.customer.user, now=now)
    if order.payment is None:
        return {"ref": ""}
    back = f"{settings.NETWORK_ORIGIN}/orders/{order.uid}/"
    return {"ref": pay(order=order, card=None, return_url=back, now=timezone.now()).gateway_ref}


def _membership(name: str) -> Membership:
    return Membership.objects.select_related("customer__user").get(
        customer__user__email=f"{name}@demo.example"
    )


OF_MONEY = (signs_up, orders, stands, is_due, a_while_later, sweep, wrong)
OF_PRICES = (changes_price, told_of_prices)
OF_IMPORTS = (uploads, imports, import_stands)
OF_SITES = (begins_site, site_stands, spares, fill_pool, empty_pool, schemas_of_nobody)
OF_SETTINGS = (sets, lets_the_worker_fill_the_pool)
PARTS: dict[str, Callable[..., Any]] = {
    part.__name__: part for part in (*OF_MONEY, *OF_PRICES, *OF_IMPORTS, *OF_SITES, *OF_SETTINGS)
}


def main() -> None:
    make_catalogue(settings.CURRENCY)
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps(PARTS[asked.pop("do")](**asked)), flush=True)  # noqa: T201 -- the answer
