from django.db import models
from django.utils.translation import gettext_lazy as _


class SiteTemplate(models.Model):
    """What an empty site's schema looks like after a set of migrations, as SQL to be replayed under another
    name."""

    fingerprint = models.CharField(_("migrations"), max_length=64, unique=True)
    sql = models.TextField(_("SQL"))
    sources = models.JSONField(_("sources of the migrations"), default=dict)
    built_at = models.DateTimeField(_("built"))

    class Meta:
        verbose_name = _("site template")
        verbose_name_plural = _("site templates")
        ordering = ["-built_at"]

    def __str__(self) -> str:
        return self.fingerprint[:12]
