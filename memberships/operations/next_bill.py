"""The bill to come: what the renewal will ask for, as long as nothing changes."""

from datetime import datetime

from memberships.models import Membership, ScheduledChange
from memberships.operations.discounts import scheduled_discount
from memberships.operations.terms import Terms, scenario, terms_of
from memberships.operations.what_follows import what_follows
from products import pricing


def next_bill(*, membership: Membership, now: datetime) -> pricing.Quote | None:
    """What the end of the running period or trial brings, priced as the renewal prices it: `due_now` at `effective_at`.

    None when no bill follows: from a free membership, an ended one, and one that is cancelled at the end. Six queries
    at most.
    """
    change = (
        membership.scheduled_changes.filter(state=ScheduledChange.State.PENDING)
        .select_related("discount_use")
        .prefetch_related("items__product__tax_rate", "items__product__group", "items__price")
        .first()
    )
    return bill_to_come(terms=terms_of(membership), change=change, now=now)


def bill_to_come(*, terms: Terms, change: ScheduledChange | None, now: datetime) -> pricing.Quote | None:
    """`next_bill` for who has read the terms and the pending `change` with its items. No query."""
    if change is not None and change.kind == ScheduledChange.CANCELLATION:
        return None
    picks = what_follows(terms=terms, change=change)
    if not any(pick.product.is_plan for pick in picks):
        return None
    try:
        bill = pricing.renewal(
            scenario(terms=terms, picks=picks, discount=scheduled_discount(change), now=now)
        )
    except pricing.ScenarioError:
        return None
    return bill if bill.lines and bill.effective_at else None
