from django.apps import AppConfig, apps
from django.utils.translation import gettext_lazy as _


class ContentConfig(AppConfig):
    name = "sites.content"
    label = "content"
    verbose_name = _("Website")

    def ready(self) -> None:
        from sites.content import usage  # noqa: F401 -- importing registers what is counted
        from sites.content.storage import SiteMedia

        # Wagtail reads this attribute when it builds the dashboard's addresses; its own way is another app config.
        apps.get_app_config("wagtailusers").user_viewset = "sites.content.users.SiteUserViewSet"  # type: ignore[attr-defined]
        # Files of Wagtail's own models lie with the site's others, whatever the default storage is.
        for model, field in (("wagtailusers.UserProfile", "avatar"), ("wagtailcore.UploadedFile", "file")):
            apps.get_model(model)._meta.get_field(field).storage = SiteMedia()  # type: ignore[union-attr]
