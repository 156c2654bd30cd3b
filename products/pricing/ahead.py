"""The bills to come, one after the other, as long as nothing changes."""

from dataclasses import replace
from datetime import datetime

from products.pricing.quote import Quote, renewal
from products.pricing.scenario import Scenario


def bill_from(scenario: Scenario, *, at: datetime) -> Quote | None:
    """The first bill of a renewal whose period begins at `at` or later; the bill after a trial is none. None when no
    such bill follows.

    Raises ScenarioError for a membership that has nothing to renew.
    """
    while True:
        bill = renewal(scenario)
        asked, after = scenario.membership, bill.after
        after_trial = asked is not None and asked.in_trial
        if bill.effective_at is not None and bill.effective_at >= at and not after_trial:
            return bill
        if after is None or after.period is None or bill.effective_at is None:
            return None
        following = replace(scenario.selection.at_renewal(bill.effective_at), discount=None)
        scenario = replace(scenario, as_of=bill.effective_at, membership=after, selection=following)
