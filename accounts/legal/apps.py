from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LegalConfig(AppConfig):
    """Apart from `accounts`, whose tables stand in every site's schema too: these texts are the network's."""

    name = "accounts.legal"
    label = "legal"
    verbose_name = _("Legal texts")
