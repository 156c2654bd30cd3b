from django.db import models
from django.utils.translation import gettext_lazy as _

from sites.models.site import Site


class DailyVisits(models.Model):
    """Page views of a site on a day (UTC), added up from the counter. Only ever grows."""

    site = models.ForeignKey(
        Site, verbose_name=_("site"), on_delete=models.CASCADE, related_name="daily_visits"
    )
    day = models.DateField(_("day"))
    count = models.PositiveBigIntegerField(_("visits"), default=0)

    class Meta:
        verbose_name = _("visits of a day")
        verbose_name_plural = _("visits by day")
        ordering = ["site", "-day"]
        constraints = [models.UniqueConstraint(fields=["site", "day"], name="a_day_of_a_site_is_one_row")]

    def __str__(self) -> str:
        return f"{self.site_id} {self.day}: {self.count}"


class VisitBatch(models.Model):
    """A batch of counts that was added to the rows. Committed with them, so that no batch is added twice."""

    uid = models.UUIDField(_("batch"), primary_key=True)
    added_at = models.DateTimeField(_("added"))

    class Meta:
        verbose_name = _("batch of visits")
        verbose_name_plural = _("batches of visits")
        ordering = ["-added_at"]

    def __str__(self) -> str:
        return str(self.uid)
