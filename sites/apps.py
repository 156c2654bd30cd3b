from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SitesConfig(AppConfig):
    name = "sites"
    verbose_name = _("Sites")

    def ready(self) -> None:
        from sites import checks, receivers  # noqa: F401 -- importing registers and connects them
        from sites.kinds.base import register
        from sites.operations.kinds import KINDS
        from sites.postgresql import content_types

        register(KINDS)
        content_types.keep_apart_by_schema()
