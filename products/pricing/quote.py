"""`quote`: what a change costs and when it happens. The one function that computes every price of the product."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from products.pricing.after import membership_after
from products.pricing.charges import charges_at_period_end
from products.pricing.credit import credit_lines
from products.pricing.facts import HeldItem, HeldMembership, Item, Selection
from products.pricing.kinds import Kind, classify
from products.pricing.lines import Line, charge_lines
from products.pricing.period import Period
from products.pricing.sale import Sale, renewal_due, sale_of
from products.pricing.scenario import Scenario
from products.pricing.wallet import Settlement, settle


class Effective(StrEnum):
    NOW = "now"
    PERIOD_END = "period_end"
    BOTH = "both"


@dataclass(frozen=True, slots=True, kw_only=True)
class NextBill:
    """What will be billed at the end of the (new) period or trial. `lines` are its working, not part of the promise."""

    at: datetime
    net: int
    tax: int
    wallet_used: int
    lines: tuple[Line, ...] = field(default=(), compare=False)

    @property
    def total(self) -> int:
        return self.net + self.tax

    @property
    def due(self) -> int:
        return self.total - self.wallet_used


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """The promise to the customer, in minor units of the scenario's currency.

    `after` is the membership as it is once this is paid, and `later` the selection that follows at the period's end, if
    that is something else: what the caller has to carry out. Both come from the scenario alone and are not part of the
    stored quote: read back from JSON they are None, so recompute the quote before acting on it.
    """

    kind: Kind
    effective: Effective | None = None
    effective_at: datetime | None = None
    message: str | None = None
    lines: tuple[Line, ...] = ()
    wallet_used: int = 0
    wallet_added: int = 0
    period: Period | None = None
    trial_end: datetime | None = None
    next_bill: NextBill | None = None
    after: HeldMembership | None = field(default=None, compare=False)
    later: Selection | None = field(default=None, compare=False)

    @property
    def net(self) -> int:
        return sum(line.net for line in self.lines)

    @property
    def tax(self) -> int:
        return sum(line.tax for line in self.lines)

    @property
    def total(self) -> int:
        return self.net + self.tax

    @property
    def due_now(self) -> int:
        """What is charged now; 0 or more."""
        return self.total - self.wallet_used + self.wallet_added

    @property
    def changes_something(self) -> bool:
        return self.kind not in _MESSAGES

    @property
    def now_items(self) -> tuple[HeldItem, ...]:
        """The membership's items right after the change, with what has then been paid for them."""
        return () if self.after is None else self.after.items

    @property
    def later_items(self) -> tuple[Item, ...] | None:
        """The items from the period's end on, if they differ from `now_items`."""
        return None if self.later is None else self.later.items


_MESSAGES = {Kind.NO_CHANGE: "no_change", Kind.BLOCKED: "open_invoice"}


def quote(scenario: Scenario) -> Quote:
    """Price the change that the scenario asks for."""
    kind = classify(scenario)
    if kind in _MESSAGES:
        return Quote(kind=kind, message=_MESSAGES[kind], after=scenario.membership)
    return _price(scenario, kind)


def renewal(scenario: Scenario) -> Quote:
    """Price the bill at the end of the membership's period or trial, from where the selection goes on.

    The selection is what is held, or what was scheduled. It is the bill that the quote before showed as its next bill.
    Raises ScenarioError for a membership that has nothing to renew.
    """
    return _price(scenario, Kind.RENEWAL)


def _price(scenario: Scenario, kind: Kind) -> Quote:
    sale, policy = sale_of(scenario, kind), scenario.policy
    sold = charge_lines(sale.charges, scenario.discount, prices_include_tax=policy.prices_include_tax)
    lines = (*sold, *_credits(scenario)) if sale.gives_credit else sold
    total = sum(line.net + line.tax for line in lines)
    settlement = (
        settle(total, wallet=scenario.wallet, minimum_charge=policy.minimum_charge) if sale.is_bill else Settlement()
    )
    after = membership_after(scenario, sale, sold, settlement)
    return Quote(
        kind=kind,
        effective=_effective(sale),
        effective_at=renewal_due(after) if sale.waits else sale.starts if kind is Kind.RENEWAL else scenario.as_of,
        lines=lines,
        wallet_used=settlement.used,
        wallet_added=settlement.added,
        period=sale.period,
        trial_end=sale.trial_end,
        next_bill=_next_bill(scenario, sale, after),
        after=after,
        later=sale.later,
    )


def _credits(scenario: Scenario) -> list[Line]:
    if scenario.membership is None:
        return []
    return credit_lines(
        scenario.membership, as_of=scenario.as_of, prices_include_tax=scenario.policy.prices_include_tax
    )


def _effective(sale: Sale) -> Effective:
    if sale.later is None:
        return Effective.NOW
    return Effective.PERIOD_END if sale.waits else Effective.BOTH


def _next_bill(scenario: Scenario, sale: Sale, after: HeldMembership) -> NextBill | None:
    """All that recurs in full, with the discount that will still be alive then; None when nothing will be asked."""
    at = renewal_due(after)
    charges = charges_at_period_end(after, scenario.selection)
    if at is None or not charges:
        return None
    discount = scenario.discount if sale.waits else after.discount
    lines = charge_lines(charges, discount, prices_include_tax=scenario.policy.prices_include_tax)
    net, tax = sum(line.net for line in lines), sum(line.tax for line in lines)
    return NextBill(at=at, net=net, tax=tax, wallet_used=min(after.wallet, net + tax), lines=lines)
