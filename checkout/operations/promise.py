"""What an order gives for its money, and from when."""

from dataclasses import replace
from datetime import datetime, timedelta

from django.conf import settings

from checkout.models import Order
from checkout.operations.quote import QuoteBroken, reprice
from products import pricing


def promised(order: Order, *, now: datetime) -> tuple[pricing.Scenario, pricing.Quote]:
    """The price of `order` with its inputs, as it counts when its money is there: `now`, if it is not yet.

    That is the quote that was confirmed. Money that takes longer than an order usually waits, by a bank transfer or a
    link in a mailbox, finds the same price counting from its own day, if it is the same then: nothing of the time in
    between was had. Where it is not, since time was prorated or credited, the quote holds as it was shown. Raises
    QuoteBroken.
    """
    asked, price = reprice(order.quote)
    paid_at = (order.payment.settled_at if order.payment is not None else None) or now
    usual = timedelta(seconds=settings.ORDER_LIFETIME_SECONDS)
    if order.payment is None or price.kind == pricing.Kind.RENEWAL or paid_at <= order.created_at + usual:
        return asked, price
    later = replace(asked, as_of=paid_at.replace(microsecond=0))
    anew = pricing.quote(later)
    return (later, anew) if _costs(anew) == _costs(price) else (asked, price)


def promised_price(order: Order, *, now: datetime) -> pricing.Quote:
    """The price of `promised`, to be shown; as it is stored where it cannot be worked out any more."""
    try:
        return promised(order, now=now)[1]
    except QuoteBroken:
        return order.quote.price


def _costs(price: pricing.Quote) -> tuple[object, ...]:
    return price.kind, price.effective, price.lines, price.wallet_used, price.wallet_added
