"""Which gateway takes the money. One place, so that a second one is one line."""

from functools import cache

from django.conf import settings

from memberships.billing.gateway import Gateway
from memberships.billing.stripe.client import StripeGateway


@cache
def gateway() -> Gateway:
    """The network's gateway, made once per process from settings."""
    return StripeGateway(api_key=settings.STRIPE_API_KEY, api_base=settings.STRIPE_API_BASE)
