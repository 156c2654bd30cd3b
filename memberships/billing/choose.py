"""Which gateway takes the money. One place, so that another one is one line."""

from functools import cache

from django.conf import settings

from memberships.billing.durable import stand_in
from memberships.billing.gateway import CardGateway, Gateway
from memberships.billing.manual import BankTransfers
from memberships.billing.stripe.client import StripeGateway
from memberships.models import Attempt


def gateway() -> CardGateway:
    """Who takes cards: the network's gateway, or in a rehearsal its stand-in."""
    return stand_in.get() or network_gateway()


@cache
def network_gateway() -> CardGateway:
    """Made once per process from settings."""
    return StripeGateway(api_key=settings.STRIPE_API_KEY, api_base=settings.STRIPE_API_BASE)


def gateway_for(method: str) -> Gateway:
    """Who takes the money of an attempt by `method`."""
    return BankTransfers() if method == Attempt.Method.BANK_TRANSFER else gateway()
