"""Which way is it? The kind of a change, from what is held and what is wanted."""

from enum import StrEnum

from products.pricing.facts import ENDED, HeldMembership, Selection, Status
from products.pricing.scenario import Scenario


class Kind(StrEnum):
    NEW = "new"
    TRIAL = "trial"
    REACTIVATION = "reactivation"
    UPGRADE = "upgrade"
    DOWNGRADE = "downgrade"
    ADDON = "addon"
    REMOVAL = "removal"
    MIXED = "mixed"
    TRIAL_CHANGE = "trial_change"
    NO_CHANGE = "no_change"
    BLOCKED = "blocked"
    RENEWAL = "renewal"


def classify(scenario: Scenario) -> Kind:  # noqa: PLR0911 - the rows of a table, in order
    """The kind of change that the scenario asks for. (`renewal` is not asked for: it comes by itself.)"""
    membership, selection = scenario.membership, scenario.selection
    if membership is None or membership.status == Status.PENDING:
        return Kind.TRIAL if selection.plan.trial_days and not scenario.policy.trial_used else Kind.NEW
    if membership.status == Status.PAST_DUE:
        return Kind.BLOCKED
    if membership.status in ENDED:
        return Kind.REACTIVATION
    same_plan = selection.plan.key == membership.plan.key
    if same_plan and selection.interval == membership.interval:
        kind = _kind_beside_the_plan(membership, selection)
        return Kind.TRIAL_CHANGE if membership.in_trial and kind != Kind.NO_CHANGE else kind
    if membership.in_trial:
        return Kind.TRIAL_CHANGE if selection.plan.trial_days else Kind.UPGRADE
    if membership.period is None or _goes_up(membership, selection):
        return Kind.UPGRADE
    return Kind.DOWNGRADE


def _kind_beside_the_plan(membership: HeldMembership, selection: Selection) -> Kind:
    held = {item.key: item.quantity for item in membership.items}
    wanted = {item.key: item.quantity for item in selection.items}
    more = any(wanted[key] > held.get(key, 0) for key in wanted)
    fewer = any(item.recurring and wanted.get(item.key, 0) < item.quantity for item in membership.items)
    if more:
        return Kind.MIXED if fewer else Kind.ADDON
    return Kind.REMOVAL if fewer else Kind.NO_CHANGE


def _goes_up(membership: HeldMembership, selection: Selection) -> bool:
    held, wanted = membership.plan, selection.plan
    if wanted.key == held.key:
        return selection.interval.length >= membership.interval.length
    if wanted.rank != held.rank:
        return wanted.rank > held.rank
    # the prices per day, multiplied by both lengths so that nothing is divided
    return wanted.unit_price * membership.interval.length >= held.unit_price * selection.interval.length
