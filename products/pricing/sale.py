"""What each kind of change sells now, and the state it leads to; figures come later, in `quote`."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from products.pricing.charges import (
    Charge,
    bought,
    charges_at_period_end,
    item_charges,
    quantities,
    settled_fees,
    setup_fees,
    wanted_items,
)
from products.pricing.facts import HeldMembership, Item, OnUpgrade, ScenarioError, Selection, Status
from products.pricing.kinds import Kind
from products.pricing.period import Period, add, next_period
from products.pricing.rounding import WHOLE
from products.pricing.scenario import Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """A change before its figures.

    `items` is what is held once the sale is made. `later` is what follows at the period's end, if that is something
    else. `starts` is when the charges begin to pay for time. `is_bill` is false where nothing is due in any case.
    """

    items: tuple[Item, ...]
    starts: datetime
    period: Period | None
    anchor: datetime | None
    trial_end: datetime | None = None
    charges: tuple[Charge, ...] = ()
    is_bill: bool = True
    gives_credit: bool = False
    opens_period: bool = False
    later: Selection | None = None

    @property
    def waits(self) -> bool:
        """Whether all of it happens at the period's end."""
        return self.later is not None and not self.is_bill


def sale_of(scenario: Scenario, kind: Kind) -> Sale:
    """The sale of a scenario of that kind; `no_change` and `blocked` have none (KeyError)."""
    return _SALES[kind](scenario)


def _beginning(scenario: Scenario) -> Sale:
    """`new` and `reactivation`: everything in full, but for what was bought for good by a member who comes back."""
    membership = scenario.membership
    lasting = () if membership is None else membership.lasting_items
    items = wanted_items(scenario.selection, lasting)
    fees = setup_fees(items, settled=dict.fromkeys(item.product for item in lasting))
    return _opening(scenario, items, (*item_charges(items, owned=quantities(lasting)), *fees))


def _trial(scenario: Scenario) -> Sale:
    selection = scenario.selection
    return Sale(
        items=selection.items,
        starts=scenario.as_of,
        period=None,
        anchor=None,
        trial_end=scenario.as_of + timedelta(days=selection.plan.trial_days),
        is_bill=False,
    )


def _trial_change(scenario: Scenario) -> Sale:
    membership = _membership(scenario)
    return Sale(
        items=wanted_items(scenario.selection, membership.items),
        starts=scenario.as_of,
        period=membership.period,
        anchor=membership.anchor,
        trial_end=membership.trial_end,
        is_bill=False,
    )


def _upgrade(scenario: Scenario) -> Sale:
    membership, selection = _membership(scenario), scenario.selection
    items = wanted_items(selection, membership.items)
    fees = setup_fees(items, settled=settled_fees(membership, selection.plan))
    owned = bought(membership)
    period = membership.paid_period
    keeps_date = scenario.policy.on_upgrade is OnUpgrade.KEEP_RENEWAL_DATE and selection.interval == membership.interval
    if period is None or not keeps_date:
        sale = _opening(scenario, items, (*item_charges(items, owned=owned), *fees))
        return replace(sale, gives_credit=True)
    return Sale(
        items=items,
        starts=max(scenario.as_of, period.start),
        period=period,
        anchor=membership.anchor,
        charges=(*item_charges(items, owned=owned, share=period.unused(scenario.as_of)), *fees),
        gives_credit=True,
    )


def _addon(scenario: Scenario) -> Sale:
    """What is added is had now; nothing is given up before the period's end."""
    membership, selection = _membership(scenario), scenario.selection
    period = membership.period
    items = wanted_items(selection, membership.items, keep_recurring=period is not None)
    share = WHOLE if period is None else period.unused(scenario.as_of)
    settled = dict.fromkeys(item.product for item in membership.items)
    charges = (*item_charges(items, owned=quantities(membership.items), share=share), *setup_fees(items, settled=settled))
    if period is None:
        return _opening(scenario, items, charges)
    return Sale(
        items=items,
        starts=max(scenario.as_of, period.start),
        period=period,
        anchor=membership.anchor,
        charges=charges,
    )


def _mixed(scenario: Scenario) -> Sale:
    sale = _addon(scenario)
    if sale.opens_period or sale.period is None:
        return sale
    return replace(sale, later=replace(scenario.selection, discount=None))


def _waiting(scenario: Scenario) -> Sale:
    """`downgrade` and `removal`: the period that is paid for is used up first; without one there is no need to wait."""
    membership, selection = _membership(scenario), scenario.selection
    waits = membership.period is not None
    return Sale(
        items=membership.items if waits else wanted_items(selection, membership.items),
        starts=scenario.as_of,
        period=membership.period,
        anchor=membership.anchor,
        is_bill=False,
        later=selection if waits else None,
    )


def _renewal(scenario: Scenario) -> Sale:
    membership, selection = _membership(scenario), scenario.selection
    due_at = renewal_due(membership)
    if due_at is None or membership.status not in {Status.ACTIVE, Status.TRIALING}:
        raise ScenarioError("nothing_to_renew", "Only a membership with a period or a trial renews.", "membership")
    items = wanted_items(selection, membership.items)
    sale = _opening(scenario, items, tuple(charges_at_period_end(membership, selection)), at=due_at)
    period, anchor = membership.paid_period, membership.anchor
    if sale.period is None or period is None or anchor is None or selection.interval != membership.interval:
        return sale
    following = next_period(anchor, selection.interval, period)
    return replace(sale, period=following, anchor=anchor)


def renewal_due(membership: HeldMembership) -> datetime | None:
    """When the next bill comes: at the end of the trial, or of the period. None for a free membership."""
    if membership.in_trial:
        return membership.trial_end
    return None if membership.period is None else membership.period.end


def _opening(
    scenario: Scenario, items: tuple[Item, ...], charges: tuple[Charge, ...], *, at: datetime | None = None
) -> Sale:
    """A sale with which a new period starts; if all that recurs is free, there is no period."""
    start = at or scenario.as_of
    is_paid = any(item.recurring and item.unit_price for item in items)
    return Sale(
        items=items,
        starts=start,
        period=Period(start, add(start, scenario.selection.interval)) if is_paid else None,
        anchor=start if is_paid else None,
        charges=charges,
        opens_period=is_paid,
    )


def _membership(scenario: Scenario) -> HeldMembership:
    if scenario.membership is None:
        raise ScenarioError("missing_key", "This needs a membership.", "membership")
    return scenario.membership


_SALES: dict[Kind, Callable[[Scenario], Sale]] = {
    Kind.NEW: _beginning,
    Kind.TRIAL: _trial,
    Kind.REACTIVATION: _beginning,
    Kind.UPGRADE: _upgrade,
    Kind.DOWNGRADE: _waiting,
    Kind.ADDON: _addon,
    Kind.REMOVAL: _waiting,
    Kind.MIXED: _mixed,
    Kind.TRIAL_CHANGE: _trial_change,
    Kind.RENEWAL: _renewal,
}
