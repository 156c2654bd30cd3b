from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContentConfig(AppConfig):
    name = "sites.content"
    label = "content"
    verbose_name = _("Website")

    def ready(self) -> None:
        from wagtail.models import Site

        from sites import addresses
        from sites.content.kinds import KINDS
        from sites.kinds.base import register

        register(KINDS)
        # Wagtail makes it of the port in the site's row, and knows https on 443 only. Scheme and port belong to the
        # installation: they may change overnight for all sites, and an archive may be restored elsewhere.
        root_url = property(lambda site: addresses.site_origin(site.hostname))
        Site.root_url = root_url
