import uuid
from datetime import datetime, timedelta
from typing import Final, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from sites.models.site import Site

VISIT_LIFETIME: Final = timedelta(minutes=30)


class OwnerVisitQuerySet(models.QuerySet["OwnerVisit"]):
    def running(self, *, at: datetime) -> Self:
        return self.filter(ended_at=None, ends_at__gt=at)

    def run_out(self, *, at: datetime) -> Self:
        """Those whose time is over, and that nobody has ended."""
        return self.filter(ended_at=None, ends_at__lte=at)


class OwnerVisit(models.Model):
    """Staff in a site's dashboard with its owner's rights, for a reason, for a while. The owner of the membership can
    see that it was so.

    It lasts until somebody ends it, or its time is over.
    """

    uid = models.UUIDField(_("identifier"), default=uuid.uuid4, unique=True, editable=False)
    site = models.ForeignKey(
        Site, verbose_name=_("site"), on_delete=models.CASCADE, related_name="owner_visits"
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField(_("reason"), max_length=240)
    began_at = models.DateTimeField(_("began"))
    ends_at = models.DateTimeField(_("ends"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    objects = OwnerVisitQuerySet.as_manager()

    class Meta:
        verbose_name = _("visit by staff")
        verbose_name_plural = _("visits by staff")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["site", "actor"],
                condition=Q(ended_at=None),
                name="staff_visit_a_site_once_at_a_time",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="a_visit_has_a_reason"),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("began_at")), name="a_visit_ends_after_it_began"
            ),
        ]
        permissions = [("visit_as_owner", _("Can visit a site as its owner"))]

    def __str__(self) -> str:
        return f"{self.actor} → {self.site}"
