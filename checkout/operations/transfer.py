"""Orders that are paid by bank transfer: they wait longer, and the customer is told where to pay."""

from datetime import datetime, timedelta

from django.db import transaction

from accounts.network.live import network
from checkout.links import pay_link
from checkout.models import Order
from checkout.operations.fulfil import reference_of
from memberships.models import Notice
from memberships.notices import facts_of, notify
from memberships.operations.collection import expect_transfer

MAIL = "transfer_instructions"


def await_transfer(*, order: Order, now: datetime) -> Order:
    """The customer will transfer what the open `order` costs. It then waits for that from the day it was placed; asking
    again changes nothing and sends no second mail. Raises PaymentNotOpen, and GatewayUnavailable when another way to
    pay is under way and cannot be closed."""
    assert order.payment is not None, "an order with nothing due waits for no money"
    expect_transfer(payment=order.payment, now=now)
    with transaction.atomic():
        order.membership.lock()
        order.refresh_from_db(fields=["expires_at"])
        until = order.created_at + timedelta(days=network.transfer_lifetime_days)
        if order.expires_at is not None and order.expires_at < until:
            order.expires_at = until
            order.save(update_fields=["expires_at"])
        told = Notice.objects.filter(membership=order.membership, kind=MAIL, reference=reference_of(order))
        if not told.exists():
            facts = facts_of(order.payment, pay_url=pay_link(order), until=order.expires_at or until)
            notify(order.membership, MAIL, reference=reference_of(order), now=now, facts=facts)
    return order
