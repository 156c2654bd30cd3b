from datetime import datetime

from accounts.models import User
from checkout.models import Order, Quote
from memberships.models import Membership, Payment
from products import pricing


def place_order(
    *,
    quote: Quote,
    price: pricing.Quote,
    membership: Membership,
    came_from: str,
    went_to: str,
    purpose: str,
    placed_by: User | None,
    expires_at: datetime | None,
    now: datetime,
    try_at: datetime | None = None,
) -> Order:
    """Write down an open order for `quote`, with its payment when something is due. The caller holds the membership's
    lock; the database refuses a second open order. `purpose` is what the customer reads at the gateway. The saved card
    is charged by the schedule from `try_at` on; without it the customer pays."""
    payment = None
    if price.due_now:
        payment = Payment.objects.create(
            membership=membership,
            amount=price.due_now,
            currency=membership.currency,
            purpose=purpose[:120],
            created_at=now,
            next_try_at=try_at,
        )
    return Order.objects.create(
        quote=quote,
        membership=membership,
        payment=payment,
        placed_by=placed_by,
        kind=price.kind,
        came_from=came_from,
        went_to=went_to,
        created_at=now,
        expires_at=expires_at,
    )
