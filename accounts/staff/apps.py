from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StaffConfig(AppConfig):
    """Apart from `accounts`, whose tables stand in every site's schema too: who works for the network is its own."""

    name = "accounts.staff"
    label = "staff"
    verbose_name = _("Staff")
