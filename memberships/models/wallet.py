from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from memberships.models.membership import Membership
from products.money_display import format_money


class WalletQuerySet(models.QuerySet["WalletEntry"]):
    def balance(self) -> int:
        """The sum of these entries, in minor units."""
        total: int = self.aggregate(minor=Coalesce(Sum("amount"), 0))["minor"]
        return total

    def of(self, membership: Membership) -> Self:
        return self.filter(membership=membership)


class WalletEntry(models.Model):
    """One movement of a membership's account credit, in minor units. Append-only; the balance is the sum."""

    class Reason(models.TextChoices):
        CHANGE_CREDIT = "change_credit", _("Credit left from a change")
        USED = "used", _("Used for a bill")
        CARRIED = "carried", _("Too small to charge, carried to the next bill")
        LATE_PAYMENT = "late_payment", _("Payment that came too late to be used")
        OVERPAID = "overpaid", _("Paid more than was asked")
        MISMATCH = "mismatch", _("Payment of another amount than was asked")
        UNDONE = "undone", _("Change undone")
        REFUNDED = "refunded", _("Refunded")
        REFUND_FAILED = "refund_failed", _("Refund that the bank sent back")
        ADJUSTMENT = "adjustment", _("Adjustment")

    membership = models.ForeignKey(
        Membership, verbose_name=_("membership"), on_delete=models.PROTECT, related_name="wallet_entries"
    )
    amount = models.BigIntegerField(_("amount"))
    reason = models.CharField(_("reason"), max_length=20, choices=Reason)
    note = models.CharField(_("note"), max_length=240, blank=True)
    reference = models.CharField(_("reference"), max_length=80)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    created_at = models.DateTimeField(_("at"))

    objects = WalletQuerySet.as_manager()

    class Meta:
        verbose_name = _("wallet entry")
        verbose_name_plural = _("wallet entries")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["membership", "reference", "reason"],
                name="a_reference_moves_the_wallet_once_per_reason",
            ),
            models.CheckConstraint(condition=~models.Q(amount=0), name="a_wallet_entry_moves_something"),
        ]

    def __str__(self) -> str:
        return f"{self.get_reason_display()}: {format_money(self.amount, self.membership.currency)}"
