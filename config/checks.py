"""System checks of the whole installation; `manage.py check` names each by number."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register


@register(Tags.security)
def secrets_are_set(**_kwargs: Any) -> list[CheckMessage]:
    """Refuse to start without the secrets that keep money and log-ins safe."""
    missing = [
        name
        for name in ("SECRET_KEY", "STRIPE_API_KEY", "STRIPE_WEBHOOK_SECRET")
        if not getattr(settings, name) and settings.ENVIRONMENT == "production"
    ]
    return [
        Error(
            f"{name} is not set.", hint=f"Set {name} in the environment (see .env.example).", id="config.E001"
        )
        for name in missing
    ]


@register(Tags.security)
def the_gateway_double_stays_out_of_production(**_kwargs: Any) -> list[CheckMessage]:
    """Only demo and tests may talk to another address than Stripe's own."""
    if settings.STRIPE_API_BASE and settings.ENVIRONMENT == "production":
        return [
            Error(
                "STRIPE_API_BASE is set in production: payments would go to a gateway double.",
                hint="Remove STRIPE_API_BASE from the environment.",
                id="config.E002",
            )
        ]
    return []


@register()
def unpaid_bills_have_a_schedule(**_kwargs: Any) -> list[CheckMessage]:
    """The days on which a bill is tried are at least one, whole, in order, and over before its membership expires."""
    days = list(settings.DUNNING_DAYS)
    if days and days[0] >= 0 and days == sorted(set(days)) and days[-1] <= settings.EXPIRE_AFTER_DAYS:
        return []
    return [
        Error(
            f"DUNNING_DAYS {days} is no schedule for bills that expire after {settings.EXPIRE_AFTER_DAYS} days.",
            hint="Name ascending days, such as 0,1,3,7, the last at most EXPIRE_AFTER_DAYS.",
            id="config.E003",
        )
    ]
