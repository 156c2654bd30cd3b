"""What a membership has from the end of its period or trial on, as long as nobody changes it."""

from collections.abc import Sequence

from memberships.models import Membership, ScheduledChange
from memberships.operations.picks import Pick
from memberships.operations.terms import Terms


def what_follows(*, terms: Terms, change: ScheduledChange | None) -> Sequence[Pick]:
    """What the scheduled `change` leads to, else all that recurs, as it is. A price to come whose day has come by then
    takes the place of the one that is had; the first period after a trial costs what the trial promised. No query."""
    rows = change.items.all() if change else [item for item in terms.items if item.price.is_recurring]
    membership = terms.membership
    in_trial = membership.state == Membership.State.TRIALING
    begins = None if in_trial else membership.period_end
    picks = []
    for row in rows:
        held, price = terms.item_of(row.product_id), row.price
        if begins is not None and held is not None and held.price_id == row.price_id:
            price = held.price_at_renewal(begins)
        picks.append(Pick(product=row.product, price=price, quantity=row.quantity))
    return picks
