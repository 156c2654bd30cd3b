"""What each kind of mail looks like: written to a member who exists only while it is written."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import transaction

from accounts.letters import Letter
from accounts.models import User
from accounts.network.live import network
from memberships.mails.letter import letter_of
from memberships.models import (
    Attempt,
    Customer,
    Invoice,
    Membership,
    Notice,
    Payment,
    PaymentMethod,
    ScheduledChange,
    WalletEntry,
)
from memberships.models.payment import new_reference
from memberships.notices import as_facts
from memberships.operations.apply_change import apply_change
from memberships.operations.invoicing import issue_credit_note
from memberships.operations.next_bill import next_bill
from memberships.operations.picks import Pick
from memberships.operations.price_campaigns import draft_campaign
from memberships.operations.terms import scenario, terms_of
from products import pricing
from products.limits import Kind
from products.models import Price, Product, ProductLimit, TaxRate
from products.operations.catalogue import limits_of
from products.pricing.wording import LANGUAGES

Facts = dict[str, Any]
SOME_TIME = timedelta(days=12)
A_PERIOD = timedelta(days=31)


def sample(kind: str, *, language: str, now: datetime) -> Letter:
    """Mail `kind` in `language`. What led to it happens, by the operations that always do it, and is rolled back."""
    with transaction.atomic():
        letter = letter_of(_Anna(now).is_told(kind), language=language)
        transaction.set_rollback(True)
    return letter


class _Anna:
    """Chooses between two plans, and pays with a card."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        tax = TaxRate.objects.create(name=_unique(), percent=Decimal(21))
        small = {Kind.SITES: 1, Kind.POSTS: 20, Kind.DISK: 1_000_000_000, Kind.VISITS: 10_000}
        large = {Kind.SITES: 3, Kind.POSTS: None, Kind.DISK: 50_000_000_000, Kind.DOMAINS: 2}
        self.basic = _plan("Basic", 1200, rank=1, tax=tax, limits=small)
        self.premium = _plan("Premium", 3000, rank=2, tax=tax, limits=large)
        user = User.objects.create(email=f"{_unique()}@example.com", name="Anna Jansen")
        self.customer = Customer.objects.create(user=user)
        self.membership = Membership.objects.create(
            customer=self.customer, currency=settings.CURRENCY, created_at=now
        )
        self.card = PaymentMethod.objects.create(
            customer=self.customer,
            gateway_ref=_unique(),
            brand="visa",
            last4="4242",
            exp_month=now.month,
            exp_year=now.year,
            is_default=True,
            created_at=now,
        )

    def is_told(self, kind: str) -> Notice:
        """What `kind` tells happens to her, and is to be told."""
        reference = f"sample-{kind}"
        facts = STORIES[kind](self, reference)
        return Notice(
            membership=self.membership,
            kind=kind,
            reference=reference,
            to="anna@example.com",
            facts=as_facts(facts),
            created_at=self.now,
        )

    def joins(self, reference: str) -> Facts:
        self._takes(self.premium, at=self.now, reference=reference)
        return {}

    def upgrades(self, reference: str) -> Facts:
        self._takes(self.basic, at=self.now - SOME_TIME)
        self._takes(self.premium, at=self.now, reference=reference)
        return {"limits_before": _allowed(self.basic)}

    def takes_it_back(self, reference: str) -> Facts:
        self._takes(self.basic, at=self.now - SOME_TIME)
        invoice = self._takes(self.premium, at=self.now)
        self.membership.items.filter(product=self.premium).update(ended_at=self.now)
        self.membership.items.filter(product=self.basic).update(ended_at=None)
        return self._gets_back(invoice.due, invoice, reference=reference, kind="undo")

    def is_refunded(self, reference: str) -> Facts:
        invoice = self._takes(self.premium, at=self.now - SOME_TIME)
        return self._gets_back(1210, invoice, reference=reference, kind="refund")

    def downgrades(self, reference: str) -> Facts:
        self._takes(self.premium, at=self.now - timedelta(days=23))
        self._takes(self.basic, at=self.now, reference=reference)
        return {"change": self.membership.scheduled_changes.get().pk}

    def leaves(self, reference: str) -> Facts:
        self._takes(self.premium, at=self.now - timedelta(days=27))
        assert self.membership.period_end is not None
        change = self.membership.scheduled_changes.create(
            kind=ScheduledChange.CANCELLATION,
            effective_at=self.membership.period_end,
            interval_unit=self.membership.interval_unit,
            reference=reference,
            created_at=self.now,
        )
        return {"change": change.pk}

    def goes_on(self, reference: str) -> Facts:
        self._takes(self.premium, at=self.now - A_PERIOD)
        self._renews(self.premium, reference=reference)
        return {}

    def has_downgraded(self, reference: str) -> Facts:
        self._takes(self.premium, at=self.now - A_PERIOD)
        self._takes(self.basic, at=self.now - A_PERIOD)
        self._renews(self.basic, reference=reference)
        return {"limits_before": _allowed(self.premium)}

    def is_billed_soon(self, _reference: str) -> Facts:
        self._takes(self.premium, at=self.now - SOME_TIME)
        bill = next_bill(membership=self.membership, now=self.now)
        return {"amount": bill.due_now, "at": bill.effective_at} if bill else {}

    def is_told_of_a_price(self, _reference: str) -> Facts:
        self._takes(self.premium, at=self.now - SOME_TIME)
        campaign = draft_campaign(
            from_price=self.premium.prices.get(),
            amount=3400,
            starts_at=self.now + timedelta(days=30),
            message="",
            actor=None,
            now=self.now,
        )
        return {"campaign": campaign.pk, "amount": 4114, "at": self.now + timedelta(days=50)}

    def tries_it_out(self, _reference: str) -> Facts:
        self.premium.prices.update(trial_days=14)
        self._takes(self.premium, at=self.now - SOME_TIME)
        return {"amount": 3630, "at": self.membership.trial_end}

    def owes(self, _reference: str) -> Facts:
        self._takes(self.premium, at=self.now - A_PERIOD)
        self.membership.move(Membership.State.PAST_DUE, now=self.now)
        return {
            "amount": 3630,
            "payment_reference": new_reference(),
            "next_try_at": self.now + timedelta(days=1),
            "refusal": "Your card has insufficient funds.",
            "expires_at": self.now + timedelta(days=network.expire_after_days),
            "pay_url": f"{settings.NETWORK_ORIGIN}/account/",
        }

    def transfers(self, _reference: str) -> Facts:
        self._takes(self.basic, at=self.now - SOME_TIME)
        return {
            "amount": 2915,
            "payment_reference": new_reference(),
            "next_try_at": None,
            "refusal": "",
            "pay_url": f"{settings.NETWORK_ORIGIN}/account/",
            "until": self.now + timedelta(days=network.transfer_lifetime_days),
        }

    def pays_too_late(self, reference: str) -> Facts:
        self._takes(self.basic, at=self.now - SOME_TIME)
        self.membership.wallet_entries.create(
            amount=2915, reason=WalletEntry.Reason.LATE_PAYMENT, reference=reference, created_at=self.now
        )
        return {}

    def has_an_old_card(self, _reference: str) -> Facts:
        self._takes(self.premium, at=self.now - SOME_TIME)
        return {"card": str(self.card), "at": self.now}

    def is_read_much(self, _reference: str) -> Facts:
        self._takes(self.basic, at=self.now - SOME_TIME)
        week = self.now + timedelta(days=7)
        return {
            "site": "Anna's Garden",
            "used": 8120,
            "allowed": 10_000,
            "at": self.now + A_PERIOD,
            "until": week,
        }

    def is_read_more(self, _reference: str) -> Facts:
        return self.is_read_much(_reference) | {"used": 10_004}

    def is_read_too_much(self, _reference: str) -> Facts:
        self._takes(self.basic, at=self.now - SOME_TIME)
        return {
            "site": "Anna's Garden",
            "limit": Kind.VISITS.value,
            "allowed": 10_000,
            "at": self.now + A_PERIOD,
        }

    def has_left(self, _reference: str) -> Facts:
        self._takes(self.premium, at=self.now - A_PERIOD)
        self.membership.move(Membership.State.CANCELLED, now=self.now)
        return {}

    def never_pays(self, reference: str) -> Facts:
        self.owes(reference)
        self.membership.move(Membership.State.EXPIRED, now=self.now)
        return {}

    def is_to_pay_a_change(self, reference: str) -> Facts:
        change = {"kind": "upgrade", "came_from": self.basic.name, "went_to": self.premium.name}
        return self.transfers(reference) | {"change": change}

    def has_more_time(self, _reference: str) -> Facts:
        self._takes(self.premium, at=self.now - SOME_TIME)
        return {"at": self.membership.period_end}

    def passes_it_on(self, _reference: str) -> Facts:
        self._takes(self.premium, at=self.now - SOME_TIME)
        return {"sites": ["Anna's Garden"]}

    def _takes(self, plan: Product, *, at: datetime, reference: str = "") -> Any:
        return self._applies(pricing.quote, plan, at=at, reference=reference or _unique())

    def _renews(self, plan: Product, *, reference: str) -> None:
        self._applies(pricing.renewal, plan, at=self.now, reference=reference)

    def _applies(
        self,
        price_of: Callable[[pricing.Scenario], pricing.Quote],
        plan: Product,
        *,
        at: datetime,
        reference: str,
    ) -> Any:
        """What `apply_change` answers: the invoice, or None when nothing is billed."""
        picks = [Pick(product=plan, price=plan.prices.get(), quantity=1)]
        asked = scenario(terms=terms_of(self.membership), picks=picks, now=at)
        price = price_of(asked)
        names = {self.basic.code: self.basic.name, self.premium.code: self.premium.name}
        return apply_change(
            membership=self.membership,
            price=price,
            picks=picks,
            explanations={
                language: pricing.explain(asked, price, language, names=names).lines for language in LANGUAGES
            },
            payment=self._pays(price.due_now) if price.due_now else None,
            reference=reference,
            actor=None,
            now=at,
        )

    def _pays(self, amount: int) -> Payment:
        payment = Payment.objects.create(
            membership=self.membership,
            amount=amount,
            captured=amount,
            currency=self.membership.currency,
            state=Payment.State.PAID,
            created_at=self.now,
            settled_at=self.now,
        )
        payment.attempts.create(
            number=1,
            method=Attempt.Method.SAVED_CARD,
            state=Attempt.State.SUCCEEDED,
            card_ref=self.card.gateway_ref,
            started_at=self.now,
            finished_at=self.now,
        )
        return payment

    def _gets_back(self, amount: int, invoice: Invoice, *, reference: str, kind: str) -> Facts:
        issue_credit_note(
            invoice=invoice,
            refund_total=amount,
            reference=reference,
            kind=kind,
            refunded=amount,
            wallet_added=0,
            now=self.now,
        )
        return {"amount": amount}


def _plan(name: str, amount: int, *, rank: int, tax: TaxRate, limits: Mapping[Kind, int | None]) -> Product:
    plan = Product.objects.create(code=_unique(), name=name, rank=rank, tax_rate=tax)
    Price.objects.create(product=plan, currency=settings.CURRENCY, amount=amount)
    ProductLimit.objects.bulk_create(
        ProductLimit(product=plan, kind=kind, amount=allowed) for kind, allowed in limits.items()
    )
    return plan


def _allowed(plan: Product) -> dict[str, int | None]:
    return limits_of([plan])[plan.pk].to_json()


def _unique() -> str:
    """A name that no row has, so that looking at a mail waits for nobody."""
    return f"sample-{uuid4().hex}"


STORIES: Mapping[str, Callable[[_Anna, str], Facts]] = MappingProxyType(
    {
        "welcome": _Anna.joins,
        "change_done": _Anna.upgrades,
        "change_scheduled": _Anna.downgrades,
        "reminder_week": _Anna.downgrades,
        "reminder_day": _Anna.leaves,
        "change_applied": _Anna.has_downgraded,
        "change_undone": _Anna.takes_it_back,
        "renewed": _Anna.goes_on,
        "price_change": _Anna.is_told_of_a_price,
        "price_stays": _Anna.is_told_of_a_price,
        "renewal_coming": _Anna.is_billed_soon,
        "trial_ending": _Anna.tries_it_out,
        "payment_failed": _Anna.owes,
        "action_needed": _Anna.owes,
        "transfer_instructions": _Anna.transfers,
        "payment_credited": _Anna.pays_too_late,
        "refunded": _Anna.is_refunded,
        "card_expiring": _Anna.has_an_old_card,
        "visits_near": _Anna.is_read_much,
        "visits_over": _Anna.is_read_more,
        "visitors_see_notice": _Anna.is_read_too_much,
        "change_to_pay": _Anna.is_to_pay_a_change,
        "extended": _Anna.has_more_time,
        "passed_on": _Anna.passes_it_on,
        "taken_over": _Anna.passes_it_on,
        "cancellation_scheduled": _Anna.leaves,
        "cancelled": _Anna.has_left,
        "expired": _Anna.never_pays,
    }
)
