"""What each kind of change sells now, and the state it leads to; figures come later, in `quote`."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from products.pricing.charges import (
    Charge,
    bought,
    charges_at_period_end,
    charges_at_trial_end,
    item_charges,
    quantities,
    settled_fees,
    setup_fees,
    wanted_items,
)
from products.pricing.errors import ScenarioError
from products.pricing.facts import HeldMembership, Item, OnUpgrade, Selection, Status
from products.pricing.kinds import Kind
from products.pricing.period import Period, first_period, next_anchor, next_period
from products.pricing.scenario import Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """A change before its figures.

    `items` is what is held once the sale is made; `later` is what follows at the period's end, if that is
    something else. `is_bill` is false where nothing is due in any case, not even a debt in the wallet.
    """

    items: tuple[Item, ...]
    effective_at: datetime
    period: Period | None = None
    anchor: datetime | None = None
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

    @property
    def next_bill_at(self) -> datetime | None:
        if self.trial_end is not None:
            return self.trial_end
        return None if self.period is None else self.period.end


def charges_to_come(scenario: Scenario, sale: Sale) -> tuple[Charge, ...]:
    """What the next bill will ask for."""
    if sale.trial_end is not None:
        return charges_at_trial_end(scenario.selection, scenario.membership)
    selection, at = scenario.selection, sale.next_bill_at
    return charges_at_period_end(selection if at is None else selection.at_renewal(at), sale.items)


def sale_of(scenario: Scenario, kind: Kind) -> Sale:
    """The sale of a scenario of that kind; `no_change` and `blocked` have none (KeyError)."""
    return _SALES[kind](scenario)


def _beginning(scenario: Scenario) -> Sale:
    """`new` and `reactivation`: everything in full, but for what was bought for good before."""
    membership = scenario.membership
    lasting = () if membership is None else membership.lasting_items
    items = wanted_items(scenario.selection, lasting)
    fees = setup_fees(items, settled=dict.fromkeys(item.product for item in lasting))
    charges = (*item_charges(items, owned=quantities(lasting)), *fees)
    return _opening(items, charges, period=_from_now(scenario))


def _trial(scenario: Scenario) -> Sale:
    selection = scenario.selection
    trial_end = scenario.as_of + timedelta(days=selection.plan.trial_days)
    return Sale(items=selection.items, effective_at=scenario.as_of, trial_end=trial_end, is_bill=False)


def _trial_change(scenario: Scenario) -> Sale:
    membership = _membership(scenario)
    return Sale(
        items=wanted_items(scenario.selection, membership.items),
        effective_at=scenario.as_of,
        period=membership.period,
        anchor=membership.anchor,
        trial_end=membership.trial_end,
        is_bill=False,
    )


def _upgrade(scenario: Scenario) -> Sale:
    membership, selection = _membership(scenario), scenario.selection
    items = wanted_items(selection, membership.items)
    owned = bought(membership)
    fees = setup_fees(items, settled=settled_fees(membership, selection.plan))
    period = membership.paid_period
    restarts = scenario.policy.on_upgrade == OnUpgrade.RESTART or selection.interval != membership.interval
    if period is None or restarts:
        charges = (*item_charges(items, owned=owned), *fees)
        return _opening(items, charges, period=_from_now(scenario), gives_credit=period is not None)
    share = period.unused(scenario.as_of)
    return Sale(
        items=items,
        effective_at=scenario.as_of,
        period=period,
        anchor=membership.anchor,
        charges=(*item_charges(items, owned=owned, share=share), *fees),
        gives_credit=True,
    )


def _addon(scenario: Scenario) -> Sale:
    """What is added is had now; nothing is given up before the period's end."""
    membership, selection = _membership(scenario), scenario.selection
    period = membership.period
    items = wanted_items(selection, membership.items, keep_recurring=period is not None)
    fees = setup_fees(items, settled=dict.fromkeys(item.product for item in membership.items))
    if period is None:
        charges = (*item_charges(items, owned=bought(membership)), *fees)
        return _opening(items, charges, period=_from_now(scenario))
    owned = quantities(membership.items)
    return Sale(
        items=items,
        effective_at=scenario.as_of,
        period=period,
        anchor=membership.anchor,
        charges=(*item_charges(items, owned=owned, share=period.unused(scenario.as_of)), *fees),
    )


def _mixed(scenario: Scenario) -> Sale:
    """The additions and the code now, the removals at the period's end; without a period, all of it now."""
    sale = _addon(scenario)
    waits = _membership(scenario).period is not None
    return replace(sale, later=replace(scenario.selection, discount=None)) if waits else sale


def _waiting(scenario: Scenario) -> Sale:
    """`downgrade` and `removal`: the paid period is used up first; without one there is no need to wait."""
    membership, selection = _membership(scenario), scenario.selection
    period = membership.period
    if period is None:
        items = wanted_items(selection, membership.items)
        return Sale(items=items, effective_at=scenario.as_of, is_bill=False)
    return Sale(
        items=membership.items,
        effective_at=period.end,
        period=period,
        anchor=membership.anchor,
        is_bill=False,
        later=selection,
    )


def _renewal(scenario: Scenario) -> Sale:
    membership, selection = _membership(scenario), scenario.selection
    if membership.in_trial and membership.trial_end is not None:
        items, charges = (
            wanted_items(selection, membership.items),
            charges_at_trial_end(selection, membership),
        )
        return _opening(items, charges, period=first_period(membership.trial_end, selection.interval))
    period, anchor = membership.period, membership.anchor
    if membership.status != Status.ACTIVE or period is None or anchor is None:
        message = "Only a membership with a running period or trial renews."
        raise ScenarioError("nothing_to_renew", message, "membership")
    same = selection.interval == membership.interval
    anchor = next_anchor(anchor, selection.interval, period) if same else period.end
    selection = selection.at_renewal(period.end)
    items = wanted_items(selection, membership.items)
    charges = charges_at_period_end(selection, membership.items)
    return _opening(items, charges, period=next_period(anchor, selection.interval, period), anchor=anchor)


def _opening(
    items: tuple[Item, ...],
    charges: tuple[Charge, ...],
    *,
    period: Period,
    anchor: datetime | None = None,
    gives_credit: bool = False,
) -> Sale:
    """A sale with which a period starts. If all that recurs is free, there is none."""
    is_paid = any(item.recurring and item.unit_price for item in items)
    return Sale(
        items=items,
        effective_at=period.start,
        period=period if is_paid else None,
        anchor=(anchor or period.start) if is_paid else None,
        charges=charges,
        gives_credit=gives_credit,
        opens_period=is_paid,
    )


def _from_now(scenario: Scenario) -> Period:
    return first_period(scenario.as_of, scenario.selection.interval)


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
