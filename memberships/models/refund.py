import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from memberships.models.invoice import Invoice
from memberships.models.payment import Payment
from products.money_display import format_money


class RefundQuerySet(models.QuerySet["Refund"]):
    def total(self) -> int:
        """What is given back or on its way, in minor units. A refund that failed with a credit note was given back to
        the wallet."""
        given_back = self.exclude(state=Refund.State.FAILED, credit_note=None)
        total: int = given_back.aggregate(minor=Coalesce(Sum("amount"), 0))["minor"]
        return total


class Refund(models.Model):
    """Money of a payment on its way back to the customer. The row is committed before the gateway is called and its
    uid is the idempotency key; `amount` is in minor units of the payment's currency."""

    class State(models.TextChoices):
        STARTED = "started", _("Started")
        PENDING = "pending", _("Waiting for the bank")
        SUCCEEDED = "succeeded", _("Refunded")
        FAILED = "failed", _("Failed")

    uid = models.UUIDField(_("idempotency key"), default=uuid.uuid4, unique=True, editable=False)
    payment = models.ForeignKey(
        Payment, verbose_name=_("payment"), on_delete=models.PROTECT, related_name="refunds"
    )
    amount = models.PositiveBigIntegerField(_("amount"))
    reason = models.CharField(_("reason"), max_length=240)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.STARTED)
    gateway_ref = models.CharField(_("gateway reference"), max_length=120, blank=True)
    refusal = models.CharField(_("refusal"), max_length=240, blank=True)
    credit_note = models.OneToOneField(
        Invoice,
        verbose_name=_("credit note"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="refund",
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    created_at = models.DateTimeField(_("created"))
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)

    objects = RefundQuerySet.as_manager()

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_refund_gives_something_back"),
            models.UniqueConstraint(
                fields=["gateway_ref"],
                condition=~Q(gateway_ref=""),
                name="a_gateway_reference_is_one_refund",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["started", "pending"]) ^ Q(settled_at__isnull=False),
                name="a_settled_refund_says_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{format_money(self.amount, self.payment.currency)} ({self.get_state_display()})"
