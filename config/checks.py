"""System checks of the whole installation; `manage.py check` names each by number."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from accounts.network.live import names
from config.network_settings.rules import faults


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
def the_networks_settings_can_be_kept(**_kwargs: Any) -> list[CheckMessage]:
    """What the environment says of settings that the desk may change holds to the same rules as there."""
    values = {name: getattr(settings, name.upper()) for name in names()}
    return [
        Error(
            f"{fault.name.upper()} is {values[fault.name]!r}. {fault.sentence}",
            hint="Set it in the environment (see .env.example).",
            id="config.E003",
        )
        for fault in faults(values)
    ]
