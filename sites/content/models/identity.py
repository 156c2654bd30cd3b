from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting


@register_setting(icon="site", order=100)
class SiteIdentity(BaseGenericSetting):  # type: ignore[misc]  # Wagtail ships no types
    """What the site is called and how it looks."""

    class Accent(models.TextChoices):
        INK = "ink", _("Ink")
        OCEAN = "ocean", _("Ocean")
        FOREST = "forest", _("Forest")
        CLAY = "clay", _("Clay")
        PLUM = "plum", _("Plum")
        AMBER = "amber", _("Amber")

    name = models.CharField(_("site name"), max_length=80)
    tagline = models.CharField(
        _("tagline"), max_length=140, blank=True, help_text=_("One sentence under the name.")
    )
    accent = models.CharField(_("accent colour"), max_length=10, choices=Accent, default=Accent.OCEAN)
    footer = models.CharField(_("footer line"), max_length=200, blank=True)

    panels = [FieldPanel("name"), FieldPanel("tagline"), FieldPanel("accent"), FieldPanel("footer")]

    class Meta:
        verbose_name = _("Site identity")

    def __str__(self) -> str:
        return self.name
