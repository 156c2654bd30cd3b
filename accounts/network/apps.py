from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NetworkConfig(AppConfig):
    """Apart from `accounts`, whose tables stand in every site's schema too: how the network runs is its own."""

    name = "accounts.network"
    label = "network"
    verbose_name = _("Network")
