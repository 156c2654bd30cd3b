from django.db import models
from django.utils.translation import gettext_lazy as _


class PlanGroup(models.Model):
    """A family of plans. Members change plan inside their family only; plans without a group are one family of
    their own."""

    class OnUpgrade(models.TextChoices):
        RESTART = "restart", _("Restart the period now")
        KEEP_RENEWAL_DATE = "keep_renewal_date", _("Keep the renewal date")

    name = models.CharField(_("name"), max_length=80, unique=True)
    on_upgrade = models.CharField(
        _("on upgrade"),
        max_length=20,
        choices=OnUpgrade,
        default=OnUpgrade.RESTART,
        help_text=_("What an upgrade does to the running period."),
    )

    class Meta:
        verbose_name = _("plan group")
        verbose_name_plural = _("plan groups")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
