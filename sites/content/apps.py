from typing import Any

from django.apps import AppConfig, apps
from django.utils.translation import gettext_lazy as _


class ContentConfig(AppConfig):
    name = "sites.content"
    label = "content"
    verbose_name = _("Website")

    def ready(self) -> None:
        from sites.content.kinds import KINDS
        from sites.kinds.base import register

        register(KINDS)

        # Wagtail reads this attribute when it builds the dashboard's addresses.
        wagtail_users: Any = apps.get_app_config("wagtailusers")
        wagtail_users.user_viewset = "sites.content.users.SiteUserViewSet"
