from django.db import models
from django.utils.translation import gettext_lazy as _

from products.models import Product


class InvoicedDay(models.Model):
    """What the documents of one day, in the network's time zone, come to without tax, in minor units of a currency: all
    of them, or, with a `product`, their lines for it. Made of the documents, and made anew when it is behind them."""

    day = models.DateField(_("day"))
    currency = models.CharField(_("currency"), max_length=3)
    product = models.ForeignKey(
        Product,
        verbose_name=_("product"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    count = models.PositiveIntegerField(_("number"))
    net = models.BigIntegerField(_("net"))

    class Meta:
        verbose_name = _("day of invoices")
        verbose_name_plural = _("days of invoices")
        ordering = ["day"]
        constraints = [
            models.UniqueConstraint(
                fields=["day", "currency", "product"],
                nulls_distinct=False,
                name="a_day_of_invoices_is_summed_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.currency}"


class InvoicedUntil(models.Model):
    """Before which `day` the days are summed, and how many `documents` these have. One row at most."""

    day = models.DateField(_("day"))
    documents = models.PositiveIntegerField(_("documents"))

    class Meta:
        verbose_name = _("end of the days of invoices")
        verbose_name_plural = _("ends of the days of invoices")

    def __str__(self) -> str:
        return str(self.day)
