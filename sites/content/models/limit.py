from django.db import models
from django.utils.translation import gettext_lazy as _


class SiteLimit(models.Model):
    """What this site may use of one kind, as the network applied it. Locked by whoever takes the last place.

    `allowed` is in the kind's unit (`products.limits.Kind`), None for unlimited.
    """

    kind = models.CharField(_("kind"), max_length=30, primary_key=True)
    allowed = models.PositiveBigIntegerField(_("allowed"), null=True, blank=True)
    version = models.PositiveIntegerField(_("version"), default=0)

    class Meta:
        verbose_name = _("limit")
        verbose_name_plural = _("limits")
        ordering = ["kind"]

    def __str__(self) -> str:
        return f"{self.kind}: {'∞' if self.allowed is None else self.allowed}"
