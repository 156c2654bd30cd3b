"""A small world for stories: people sign up, change plan, pay and time passes, by the operations the product uses."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import time_machine
from django.conf import settings

from accounts.models import User
from checkout.models import Order, Quote
from checkout.operations.codes import discount_for
from checkout.operations.confirm import confirm
from checkout.operations.day import a_day
from checkout.operations.pay import pay, reconcile
from checkout.operations.quote import make_quote
from checkout.operations.selection import Choice, choose, menu
from memberships.models import Attempt, Customer, Membership, PaymentMethod
from memberships.operations.card_setup import open_card_page, reconcile_card_setup
from memberships.operations.terms import terms_of
from memberships.operations.transfers import record_receipt
from products.models import Product
from products.pricing import Interval, Unit
from sandbox.testing import SandboxProcess
from sites.operations import apply_entitlements
from sites.operations.sweeps import sites_out_of_line

MONTHLY = Interval(unit=Unit.MONTH, count=1)
YEARLY = Interval(unit=Unit.YEAR, count=1)
PAYS = "4242424242424242"


class World:
    def __init__(self, gateway: SandboxProcess) -> None:
        self.gateway = gateway
        self.today: datetime | None = None
        """The last day that the schedule has seen."""

    def person(self, name: str, **fields: Any) -> User:
        return User.objects.create_user(f"{name}@example.com", "a-long-password", name=name.title(), **fields)

    def signs_up(
        self,
        name: str,
        plan: Product,
        *,
        now: datetime,
        interval: Interval = MONTHLY,
        addons: Mapping[Product, int] | None = None,
        code: str = "",
    ) -> Membership:
        """`name` becomes a member of `plan` and pays with the card that always works."""
        membership = self.comes(name, now=now)
        order = self.orders(membership, plan, now=now, interval=interval, addons=addons, code=code)
        if order.payment is not None:
            order = self.pays(order, now=now)
        assert order.state == Order.State.FULFILLED
        return self.fresh(membership)

    def comes(self, name: str, *, now: datetime) -> Membership:
        """`name` has not chosen anything yet."""
        customer = Customer.objects.create(user=self.person(name))
        return Membership.objects.create(customer=customer, currency=settings.CURRENCY, created_at=now)

    def quote(
        self,
        membership: Membership,
        plan: Product,
        *,
        now: datetime,
        interval: Interval = MONTHLY,
        addons: Mapping[Product, int] | None = None,
        code: str = "",
    ) -> Quote:
        terms = terms_of(self.fresh(membership))
        choice = Choice(
            plan=plan.uid,
            interval=interval,
            addons={addon.uid: n for addon, n in (addons or {}).items()},
            code=code,
        )
        picks = choose(menu=menu(terms=terms, plan=plan.uid), choice=choice)
        discount = discount_for(code=choice.code, terms=terms, picks=picks, now=now)
        return make_quote(terms=terms, picks=picks, discount=discount, user=membership.customer.user, now=now)

    def orders(self, membership: Membership, plan: Product, *, now: datetime, **choice: Any) -> Order:
        quote = self.quote(membership, plan, now=now, **choice)
        return confirm(quote=quote, user=membership.customer.user, now=now)

    def opens_the_page(self, order: Order, *, now: datetime) -> Attempt:
        return pay(order=order, card=None, return_url=f"http://localhost/orders/{order.uid}/", now=_real(now))

    def pays(self, order: Order, *, now: datetime, card: str = PAYS) -> Order:
        """Pay on the hosted page, and come back to the result page."""
        attempt = self.opens_the_page(order, now=now)
        self.gateway.pay(attempt.gateway_ref, card=card)
        return reconcile(order=order, now=now)

    def transfers(self, order: Order, *, now: datetime) -> Order:
        """Pay by bank transfer; staff enter it on the same day."""
        assert order.payment is not None
        record_receipt(
            payment=order.payment, amount=order.payment.amount, received_at=now,
            bank_reference=f"bank-{order.uid}", actor=None, now=now,
        )  # fmt: skip
        return reconcile(order=order, now=now)

    def saves_a_card(self, membership: Membership, *, now: datetime, card: str = PAYS) -> None:
        """Give another card on the gateway's page, and come back."""
        setup = open_card_page(
            customer=membership.customer, return_url=lambda uid: f"http://localhost/{uid}/", now=now
        )
        self.gateway.pay(setup.gateway_ref, card=card)
        reconcile_card_setup(setup=setup, now=now)

    def walk(self, since: datetime, until: datetime) -> None:
        """Let the days from `since` to `until` go by, each at the same time of day, with all that the schedule does."""
        now = since
        while now <= until:
            self.a_day(now)
            now += timedelta(days=1)

    def a_day(self, now: datetime) -> None:
        """What the schedule does of its own accord, once at `now`."""
        self.today = now
        a_day(now=now)
        for site_id in sites_out_of_line(now=now):
            apply_entitlements(site_id=site_id, now=now)

    def card_of(self, membership: Membership) -> PaymentMethod:
        return PaymentMethod.objects.get(customer=membership.customer, is_default=True)

    def fresh(self, membership: Membership) -> Membership:
        return Membership.objects.select_related("customer__user").get(pk=membership.pk)


def _real(_story_time: datetime) -> datetime:
    """The gateway double lives in real time, so a page is opened now, whatever the date in the story and whoever
    stopped the clock."""
    real = time_machine.escape_hatch
    return real.datetime.datetime.now(tz=UTC) if real.is_travelling() else datetime.now(tz=UTC)
