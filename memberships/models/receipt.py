from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from memberships.models.payment import Payment
from products.money_display import format_money


class ReceiptQuerySet(models.QuerySet["Receipt"]):
    def total(self) -> int:
        """What has arrived, in minor units."""
        total: int = self.aggregate(minor=Coalesce(Sum("amount"), 0))["minor"]
        return total

    def of(self, payment: Payment) -> Self:
        return self.filter(payment=payment)


class Receipt(models.Model):
    """Money that arrived in the bank for a payment, as staff entered it, in minor units. Append-only; several may
    add up."""

    payment = models.ForeignKey(
        Payment, verbose_name=_("payment"), on_delete=models.PROTECT, related_name="receipts"
    )
    amount = models.PositiveBigIntegerField(_("amount"))
    received_at = models.DateTimeField(_("received"))
    bank_reference = models.CharField(
        _("bank reference"), max_length=80, help_text=_("As the bank statement names the transaction.")
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("entered by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    created_at = models.DateTimeField(_("entered"))

    objects = ReceiptQuerySet.as_manager()

    class Meta:
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_receipt_brings_something"),
            models.UniqueConstraint(
                fields=["payment", "bank_reference"], name="a_bank_transaction_is_entered_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{format_money(self.amount, self.payment.currency)} ({self.bank_reference})"
