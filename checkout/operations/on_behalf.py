"""A change that staff order for a customer: the customer pays it by a link, or their saved card does. Staff never enter
a card."""

from datetime import datetime, timedelta

from django.db import transaction

from accounts.network.live import network
from checkout.links import pay_link
from checkout.models import Order
from checkout.operations.fulfil import reference_of
from checkout.operations.pay import pay
from memberships.billing.gateway import GatewayRefused, GatewayUnavailable
from memberships.models import Payment
from memberships.notices import facts_of, notify
from memberships.operations.collection import PaymentNotOpen

MAIL = "change_to_pay"


def mail_the_link(*, order: Order, now: datetime) -> Order:
    """Send the customer a link that pays `order`, which waits for that as long as for a bank transfer. Asking again
    sends no second mail; an order that is settled stays as it is."""
    with transaction.atomic():
        order.membership.lock()
        order.refresh_from_db()
        payment = order.payment
        if order.state != Order.State.OPEN or payment is None or payment.state != Payment.State.OPEN:
            return order
        until = order.created_at + timedelta(days=network.transfer_lifetime_days)
        if order.expires_at is not None and order.expires_at < until:
            order.expires_at = until
            order.save(update_fields=["expires_at"])
        reference = reference_of(order)
        if order.membership.notices.filter(kind=MAIL, reference=reference).exists():
            return order
        change = {"kind": order.kind, "came_from": order.came_from, "went_to": order.went_to}
        facts = facts_of(payment, pay_url=pay_link(order), until=until, change=change)
        notify(order.membership, MAIL, reference=reference, now=now, facts=facts)
    return order


def charge_saved_card(*, order: Order, now: datetime) -> Order:
    """Charge `order` to the card that the customer's bills are charged to, once. What that does not pay, the customer
    is asked to pay by the link: without a card, and when the bank declines or wants its customer. While the bank has
    not answered, nobody is asked."""
    card = order.membership.customer.payment_methods.filter(is_default=True).first()
    if card is not None and order.payment is not None and not order.payment.attempts.exists():
        try:
            pay(order=order, card=card, return_url="", now=now)
        except (GatewayUnavailable, GatewayRefused):
            order.refresh_from_db()
            return order  # it may be charged: the sweep asks, and only then the customer
        except PaymentNotOpen:
            pass  # somebody else has paid or stopped it
    order.refresh_from_db()
    return mail_the_link(order=order, now=now)
