from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TokensConfig(AppConfig):
    """Apart from `accounts`, whose tables stand in every site's schema too: a token opens the network alone."""

    name = "accounts.tokens"
    label = "tokens"
    verbose_name = _("API tokens")
