from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContentConfig(AppConfig):
    name = "sites.content"
    label = "content"
    verbose_name = _("Website")

    def ready(self) -> None:
        from sites.content.kinds import KINDS
        from sites.kinds.base import register

        register(KINDS)
