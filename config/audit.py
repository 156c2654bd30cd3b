"""What the audit log watches: every table of the network, but those that say nothing about what somebody decided."""

from typing import Final

from django.apps import apps
from django.conf import settings
from django.db.models import Model

from accounts.staff.watching import keep, watch

UNWATCHED: Final = frozenset(
    {
        *("django_session", "usersessions_usersession"),  # who is signed in
        *("django_content_type", "auth_permission", "django_admin_log"),  # Django's own
        *("staff_staffaction", "staff_staffchange"),  # the log itself
        *("checkout_quote", "checkout_quotechoice"),  # what was looked at; an order says what came of it
        *("hooks_message", "hooks_delivery"),  # told of what is recorded here
    }
)
SECRETS: Final = frozenset(
    {
        "account_emailconfirmation.key",
        "accounts_user.password",
        "hooks_endpoint.previous_secret",
        "hooks_endpoint.secret",
        "mfa_authenticator.data",
        "sites_domainclaim.token",
        "sites_handover.token_hash",
        "sites_sitemember.token_hash",
        "tokens_apitoken.digest",
    }
)


def settle_audit() -> None:
    """Have the database watch the tables that there are, and keep what it writes down. Whenever `migrate` has run: a
    new table is watched from the start."""
    keep()
    watch(models=watched(), secrets=SECRETS)


def watched() -> list[type[Model]]:
    """Every model with a table in the network's schema that is not named above."""
    shared = {config.label for config in apps.get_app_configs() if config.name in settings.SHARED_APPS}
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label in shared  # noqa: SLF001 -- Django's public API
        and model._meta.managed  # noqa: SLF001 -- see above
        and not model._meta.proxy  # noqa: SLF001 -- see above
        and model._meta.db_table not in UNWATCHED  # noqa: SLF001 -- see above
    ]
