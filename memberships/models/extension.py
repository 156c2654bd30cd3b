import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from memberships.models.membership import Membership


class PeriodExtension(models.Model):
    """Time that staff gave a membership: its paid period, or its trial, ends later, and nothing is billed for that.
    Append-only.

    `uid` comes with the form, so that a form sent twice gives the time once.
    """

    uid = models.UUIDField(_("identifier"), default=uuid.uuid4, unique=True, editable=False)
    membership = models.ForeignKey(
        Membership, verbose_name=_("membership"), on_delete=models.PROTECT, related_name="extensions"
    )
    ended_at = models.DateTimeField(_("would have ended"))
    ends_at = models.DateTimeField(_("ends"))
    reason = models.CharField(_("reason"), max_length=240)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    created_at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("extension of a period")
        verbose_name_plural = _("extensions of periods")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("ended_at")), name="an_extension_gives_time"),
            models.CheckConstraint(condition=~Q(reason=""), name="an_extension_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.ended_at:%Y-%m-%d} → {self.ends_at:%Y-%m-%d}"
