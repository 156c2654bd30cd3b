"""`quote`: what a change costs and when it happens. The one function that computes every price."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import partial

from products.pricing.after import discount_after, membership_after
from products.pricing.credit import credit_lines
from products.pricing.facts import HeldItem, HeldMembership, Item, Selection
from products.pricing.kinds import Kind, classify
from products.pricing.lines import Line, charge_lines, sum_of_lines
from products.pricing.period import Period
from products.pricing.sale import Sale, charges_to_come, sale_of
from products.pricing.scenario import Scenario
from products.pricing.wallet import Settlement, settle


class Effective(StrEnum):
    NOW = "now"
    PERIOD_END = "period_end"
    BOTH = "both"


@dataclass(frozen=True, slots=True, kw_only=True)
class NextBill:
    """What will be billed at the end of the (new) period or trial."""

    at: datetime
    net: int
    tax: int
    wallet_used: int
    itemise: Callable[[], tuple[Line, ...]] = field(default=tuple, compare=False, repr=False)

    @property
    def lines(self) -> tuple[Line, ...]:
        """Its lines, worked out when asked for; a stored quote has none."""
        return self.itemise()

    @property
    def total(self) -> int:
        return self.net + self.tax

    @property
    def due(self) -> int:
        return self.total - self.wallet_used


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """The promise to the customer, in minor units of the scenario's currency.

    `after` is the membership as it is once this is paid, and `later` the selection that follows at the end of
    the period, if that is something else: what the caller has to carry out. A stored quote has neither: read
    back from JSON they are None, so recompute before acting on it.
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
    later: Selection | None = field(default=None, compare=False)
    leads_to: Callable[[], HeldMembership] | None = field(default=None, compare=False, repr=False)

    @property
    def net(self) -> int:
        return sum([line.net for line in self.lines])

    @property
    def tax(self) -> int:
        return sum([line.tax for line in self.lines])

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
    def after(self) -> HeldMembership | None:
        """The membership once this quote is paid, worked out when asked for: a preview has no use for it."""
        return None if self.leads_to is None else self.leads_to()

    @property
    def now_items(self) -> tuple[HeldItem, ...]:
        """The membership's items right after the change, with what has then been paid for them."""
        after = self.after
        return () if after is None else after.items

    @property
    def later_items(self) -> tuple[Item, ...] | None:
        """The items from the period's end on, if they differ from `now_items`."""
        return None if self.later is None else self.later.items


_MESSAGES = {Kind.NO_CHANGE: "no_change", Kind.BLOCKED: "open_invoice"}


def quote(scenario: Scenario) -> Quote:
    """Price the change that the scenario asks for."""
    kind = classify(scenario)
    if kind in _MESSAGES:
        membership = scenario.membership
        return Quote(
            kind=kind, message=_MESSAGES[kind], leads_to=None if membership is None else lambda: membership
        )
    return _price(scenario, kind)


def renewal(scenario: Scenario) -> Quote:
    """Price the bill at the end of the membership's period or trial, from where the selection goes on.

    The selection is what is held, or what was scheduled; the bill is what the quote before showed as the next
    one. Raises ScenarioError for a membership that has nothing to renew.
    """
    return _price(scenario, Kind.RENEWAL)


def _price(scenario: Scenario, kind: Kind) -> Quote:
    sale, policy = sale_of(scenario, kind), scenario.policy
    sold = charge_lines(sale.charges, scenario.discount, prices_include_tax=policy.prices_include_tax)
    lines = (*sold, *_credits(scenario)) if sale.gives_credit else sold
    settlement = Settlement()
    if sale.is_bill:
        total = sum([line.net + line.tax for line in lines])
        settlement = settle(total, wallet=scenario.wallet, minimum_charge=policy.minimum_charge)
    return Quote(
        kind=kind,
        effective=_effective(sale),
        effective_at=sale.effective_at,
        lines=lines,
        wallet_used=settlement.used,
        wallet_added=settlement.added,
        period=sale.period,
        trial_end=sale.trial_end,
        next_bill=_next_bill(scenario, sale, settlement),
        later=sale.later,
        leads_to=partial(membership_after, scenario, sale, sold, settlement),
    )


def _credits(scenario: Scenario) -> tuple[Line, ...]:
    if scenario.membership is None:
        return ()
    return credit_lines(
        scenario.membership, as_of=scenario.as_of, prices_include_tax=scenario.policy.prices_include_tax
    )


def _effective(sale: Sale) -> Effective:
    if sale.later is None:
        return Effective.NOW
    return Effective.PERIOD_END if sale.waits else Effective.BOTH


def _next_bill(scenario: Scenario, sale: Sale, settlement: Settlement) -> NextBill | None:
    """All that recurs in full, with the discount that will still be alive then; None if nothing recurs."""
    at, charges = sale.next_bill_at, charges_to_come(scenario, sale)
    if at is None or not charges:
        return None
    discount, included = discount_after(scenario, sale), scenario.policy.prices_include_tax
    net, tax = sum_of_lines(charges, discount, prices_include_tax=included)
    wallet = scenario.wallet - settlement.used + settlement.added
    return NextBill(
        at=at,
        net=net,
        tax=tax,
        wallet_used=min(wallet, net + tax),
        itemise=partial(charge_lines, charges, discount, prices_include_tax=included),
    )
