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
from django.utils import timezone

from accounts.models import User
from checkout import tasks as checkout_tasks
from checkout.models import Order
from checkout.operations.books import what_is_wrong
from checkout.operations.confirm import confirm
from checkout.operations.pay import pay
from checkout.operations.quote import make_quote
from checkout.operations.selection import Choice, choose, menu
from config.demo.catalogue import make_catalogue
from memberships import tasks as memberships_tasks
from memberships.models import Attempt, Customer, Invoice, Membership, Payment, Transition
from memberships.operations.terms import terms_of
from products.models import Product
from products.pricing import Interval, Unit

MONTHLY = Interval(unit=Unit.MONTH, count=1)
A_MONTH_AGO = timedelta(days=31)
SWEEPS = (
    memberships_tasks.sweep_inbound_events,
    memberships_tasks.sweep_payments,
    memberships_tasks.sweep_notices,
    checkout_tasks.sweep_orders,
    checkout_tasks.renew_due_memberships,
)


def signs_up(*, name: str, plan: str, a_month_ago: bool = False) -> dict[str, Any]:
    """A new customer without a site chooses `plan`. Answers the payment's attempt where there is something to pay."""
    user = User.objects.create_user(f"{name}@demo.example", "a-long-password", name=name.title())
    now = timezone.now().replace(microsecond=0)
    joined = now - A_MONTH_AGO if a_month_ago else now
    Membership.objects.create(
        customer=Customer.objects.create(user=user), currency=settings.CURRENCY, created_at=joined
    )
    return _order(name, plan, joined)


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


def a_while_later() -> None:
    """Whatever waits has waited for two minutes more."""
    with connection.cursor() as cursor:
        for table, column in (
            ("memberships_inboundevent", "received_at"),
            ("memberships_attempt", "started_at"),
            ("memberships_notice", "created_at"),
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


PARTS: dict[str, Callable[..., Any]] = {
    part.__name__: part for part in (signs_up, orders, stands, a_while_later, sweep, wrong)
}


def main() -> None:
    make_catalogue(settings.CURRENCY)
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps(PARTS[asked.pop("do")](**asked)), flush=True)  # noqa: T201 -- the answer
