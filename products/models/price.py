from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from products.models.product import Product


class PriceQuerySet(models.QuerySet["Price"]):
    def current(self) -> Self:
        """Prices that can be bought today; superseded versions stay for the members who have them."""
        return self.filter(superseded_at=None)


class Price(models.Model):
    """What a product costs per interval in one currency, in minor units. Never edited once used: a new version
    is made."""

    class Unit(models.TextChoices):
        ONCE = "once", _("once")
        DAY = "day", _("day")
        WEEK = "week", _("week")
        MONTH = "month", _("month")
        YEAR = "year", _("year")

    RECURRING: ClassVar = frozenset({Unit.DAY, Unit.WEEK, Unit.MONTH, Unit.YEAR})

    product = models.ForeignKey(
        Product, verbose_name=_("product"), on_delete=models.CASCADE, related_name="prices"
    )
    currency = models.CharField(_("currency"), max_length=3, help_text=_("ISO 4217, for example EUR."))
    interval_unit = models.CharField(_("per"), max_length=5, choices=Unit, default=Unit.MONTH)
    interval_count = models.PositiveSmallIntegerField(_("every"), default=1)
    amount = models.PositiveBigIntegerField(_("amount"), help_text=_("In minor units: 3000 is €30.00."))
    setup_fee = models.PositiveBigIntegerField(
        _("setup fee"), default=0, help_text=_("In minor units, charged once.")
    )
    trial_days = models.PositiveSmallIntegerField(_("trial days"), default=0)
    created_at = models.DateTimeField(_("created"), default=timezone.now)  # noqa: TID251 -- a column's default
    superseded_at = models.DateTimeField(_("replaced"), null=True, blank=True, editable=False)

    objects = PriceQuerySet.as_manager()

    class Meta:
        verbose_name = _("price")
        verbose_name_plural = _("prices")
        ordering = ["currency", "interval_unit", "interval_count", "-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "currency", "interval_unit", "interval_count"],
                condition=Q(superseded_at=None),
                name="a_product_has_one_current_price_per_interval_and_currency",
            ),
            models.CheckConstraint(
                condition=Q(interval_count__gte=1), name="an_interval_counts_at_least_one"
            ),
            models.CheckConstraint(
                condition=~Q(interval_unit="once") | Q(interval_count=1, trial_days=0),
                name="a_price_paid_once_has_no_interval_and_no_trial",
            ),
            models.CheckConstraint(
                condition=~(Q(interval_unit="month") & Q(interval_count__in=[12, 24, 36, 48, 60])),
                name="twelve_months_are_written_as_one_year",
            ),
            models.CheckConstraint(
                condition=Q(currency__regex=r"^[A-Z]{3}$"), name="a_currency_is_three_capitals"
            ),
            models.CheckConstraint(
                condition=Q(superseded_at=None) | Q(superseded_at__gte=F("created_at")),
                name="a_price_is_replaced_after_it_was_made",
            ),
        ]

    def __str__(self) -> str:
        interval = self.get_interval_unit_display()
        return (
            f"{self.currency}, {interval}"
            if self.interval_count == 1
            else f"{self.currency}, {self.interval_count} × {interval}"
        )

    @property
    def is_recurring(self) -> bool:
        return self.interval_unit != Price.Unit.ONCE
