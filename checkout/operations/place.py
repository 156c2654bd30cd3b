"""Open orders: a quote on its way to taking effect, and the payment that it waits for."""

from collections.abc import Sequence
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
    reason: str = "",
) -> Order:
    """Write down an open order for `quote`, with its payment when something is due. The caller holds the membership's
    lock; the database refuses a second open order. `purpose` is what the customer reads at the gateway, `reason` why
    staff place it for them."""
    order = draft_order(
        quote=quote,
        price=price,
        membership=membership,
        came_from=came_from,
        went_to=went_to,
        purpose=purpose,
        placed_by=placed_by,
        expires_at=expires_at,
        now=now,
        reason=reason,
    )
    place_orders([order])
    return order


def draft_order(
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
    reason: str = "",
) -> Order:
    """The order that `place_order` would place, and its payment. The schedule charges the saved card from `try_at` on;
    without it the customer pays."""
    payment = None
    if price.due_now:
        payment = Payment(
            membership=membership,
            amount=price.due_now,
            currency=membership.currency,
            purpose=purpose[:120],
            created_at=now,
            next_try_at=try_at,
        )
    return Order(
        quote=quote,
        membership=membership,
        payment=payment,
        placed_by=placed_by,
        reason=reason,
        kind=price.kind,
        came_from=came_from,
        went_to=went_to,
        created_at=now,
        expires_at=expires_at,
    )


def place_orders(drafts: Sequence[Order]) -> None:
    """Write down many orders with their payments, in two statements. Their quotes are written down already."""
    Payment.objects.bulk_create([order.payment for order in drafts if order.payment is not None])
    Order.objects.bulk_create(drafts)
