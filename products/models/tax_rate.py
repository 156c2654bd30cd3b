from django.db import models
from django.utils.translation import gettext_lazy as _


class TaxRate(models.Model):
    """A tax with its rate in percent, as decimals (8.875 is legal)."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    percent = models.DecimalField(_("percent"), max_digits=7, decimal_places=4)

    class Meta:
        verbose_name = _("tax rate")
        verbose_name_plural = _("tax rates")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(percent__gte=0, percent__lte=100),
                name="a_tax_rate_is_between_0_and_100_percent",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.percent.normalize():f} %)"
