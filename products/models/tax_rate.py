from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import TypedDict

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Version(TypedDict):
    """A rate at a place from a day on, as it stands in `TaxRate.schedule`: decimals and dates are text."""

    country: str
    region: str
    starts_on: str
    percent: str


class TaxRate(models.Model):
    """A category of tax, such as the standard or a reduced one, with its rate in percent, as decimals (8.875 is legal).

    `percent` holds everywhere until a version begins: see `TaxRateVersion`. `schedule` repeats the versions, latest
    first, so that whoever has the category has its rates without another query; `operations.tax_rates` keeps it.
    """

    name = models.CharField(
        _("name"), max_length=80, unique=True, help_text=_("The category, such as Standard or Reduced.")
    )
    percent = models.DecimalField(
        _("percent"),
        max_digits=7,
        decimal_places=4,
        help_text=_("Everywhere, until a version for a place or from a date takes its place."),
    )
    schedule: "models.JSONField[Sequence[Version], Sequence[Version]]" = models.JSONField(
        _("schedule"), default=list, editable=False
    )

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

    def percent_at(self, *, country: str, region: str, on: date) -> Decimal:
        """The rate for a customer from there on that day: of their region, else of their country, else of everywhere;
        at each place the latest that has begun."""
        begun = [version for version in self.schedule if version["starts_on"] <= on.isoformat()]
        for place in ((country, region), (country, ""), ("", "")):
            for version in begun:
                if (version["country"], version["region"]) == place:
                    return Decimal(version["percent"])
        return self.percent


class TaxRateVersion(models.Model):
    """A rate of a category from a day on: in a region, in a country, or everywhere. Once begun it is never changed;
    another one begins on a later day. Bills keep the rate they were issued with."""

    rate = models.ForeignKey(
        TaxRate, verbose_name=_("tax rate"), on_delete=models.CASCADE, related_name="versions"
    )
    country = models.CharField(_("country"), max_length=2, blank=True)
    region = models.CharField(_("state or province"), max_length=10, blank=True)
    percent = models.DecimalField(_("percent"), max_digits=7, decimal_places=4)
    starts_on = models.DateField(_("from"))
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    set_at = models.DateTimeField(_("entered"))

    class Meta:
        verbose_name = _("version of a tax rate")
        verbose_name_plural = _("versions of a tax rate")
        ordering = ["-starts_on", "country", "region"]
        constraints = [
            models.UniqueConstraint(
                fields=["rate", "country", "region", "starts_on"],
                name="a_place_has_one_tax_rate_from_a_day_on",
            ),
            models.CheckConstraint(
                condition=Q(percent__gte=0, percent__lte=100),
                name="a_version_of_a_tax_rate_is_between_0_and_100_percent",
            ),
            models.CheckConstraint(
                condition=Q(country="", region="") | Q(country__regex=r"^[A-Z]{2}$"),
                name="a_region_with_a_tax_rate_lies_in_a_country",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.percent.normalize():f} %, {self.starts_on}"
