"""Save another card: on the gateway's page, without a payment. What is overdue is charged to it at once."""

import logging
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction

from memberships.billing.choose import gateway
from memberships.billing.durable import durably
from memberships.billing.gateway import CardPageRequest, CustomerUnknown, GatewayRefused, GatewayUnavailable
from memberships.models import CardSetup, Customer, Membership, Payment, PaymentMethod
from memberships.operations.cards import remember_card
from memberships.operations.collection import PaymentNotOpen, collect
from memberships.operations.registration import gateway_ref_of, register_anew

log = logging.getLogger(__name__)


def open_card_page(*, customer: Customer, return_url: Callable[[UUID], str], now: datetime) -> CardSetup:
    """Send `customer` to the `url` of the answer to save a card. `return_url` says, for the setup's uid, where they
    come back to. Raises GatewayUnavailable and GatewayRefused."""
    try:
        return _open(customer, return_url, now)
    except CustomerUnknown:
        register_anew(customer)
        return _open(customer, return_url, now)


def _open(customer: Customer, return_url: Callable[[UUID], str], now: datetime) -> CardSetup:
    setup = CardSetup(customer=customer, started_at=now)
    setup.return_url = return_url(setup.uid)
    with durably():
        setup.save()
    page = gateway().open_card_page(
        CardPageRequest(
            key=str(setup.uid),
            customer_ref=gateway_ref_of(customer),
            currency=settings.CURRENCY,
            success_url=setup.return_url,
            cancel_url=setup.return_url,
        )
    )
    setup.gateway_ref, setup.url = page.ref, page.url
    setup.save(update_fields=["gateway_ref", "url"])
    return setup


def reconcile_card_setup(*, setup: CardSetup, now: datetime) -> CardSetup:
    """Ask the gateway what came of the page: a saved card becomes the default, and every overdue payment is tried with
    it. Safe at any time, any number of times. Raises GatewayUnavailable."""
    if setup.state != CardSetup.State.OPEN:
        return setup
    page = gateway().look_up_card_page(setup.gateway_ref) if setup.gateway_ref else None
    if page is not None and page.is_open:
        return setup
    card = page.card if page else None
    if card is not None:
        with transaction.atomic():
            remember_card(customer=setup.customer, card=card, now=now)
        _pay_what_is_overdue(setup, setup.customer.payment_methods.get(gateway_ref=card.ref), now)
    setup.state = (
        CardSetup.State.DONE if card else CardSetup.State.CLOSED
    )  # a page without a reference was never shown
    setup.finished_at = now
    setup.save(update_fields=["state", "finished_at"])
    return setup


def _pay_what_is_overdue(setup: CardSetup, card: PaymentMethod, now: datetime) -> None:
    """Charge each overdue payment to `card`, once since the page was opened."""
    overdue = Payment.objects.filter(
        state=Payment.State.OPEN,
        membership__customer=setup.customer,
        membership__state=Membership.State.PAST_DUE,
    ).exclude(attempts__card_ref=card.gateway_ref, attempts__started_at__gte=setup.started_at)
    for payment in overdue:
        try:
            collect(payment=payment, card=card, return_url="", now=now)
        except (GatewayUnavailable, GatewayRefused, PaymentNotOpen) as error:
            log.warning("payment %s could not be charged to the new card: %s", payment.uid, error)
