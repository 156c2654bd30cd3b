from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from memberships.models.discount_use import DiscountUse
from memberships.models.membership import Membership
from products.models import Price, Product


class ScheduledChange(models.Model):
    """What a membership becomes at the end of its period. At most one is pending; the customer can take it back.

    A `cancellation` leads to nothing, so it has no items.
    """

    CANCELLATION = "cancellation"

    class State(models.TextChoices):
        PENDING = "pending", _("Pending")
        APPLIED = "applied", _("Applied")
        CANCELLED = "cancelled", _("Taken back")

    membership = models.ForeignKey(
        Membership, verbose_name=_("membership"), on_delete=models.PROTECT, related_name="scheduled_changes"
    )
    kind = models.CharField(_("kind"), max_length=20)
    effective_at = models.DateTimeField(_("takes effect"))
    interval_unit = models.CharField(_("per"), max_length=5, choices=Price.Unit)
    interval_count = models.PositiveSmallIntegerField(_("every"), default=1)
    discount_use = models.ForeignKey(
        DiscountUse,
        verbose_name=_("discount code"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("The code entered with the change; it begins when the change takes effect."),
    )
    reason = models.CharField(_("reason"), max_length=240, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PENDING)
    reference = models.CharField(_("reference"), max_length=80, unique=True)
    created_at = models.DateTimeField(_("created"))
    settled_at = models.DateTimeField(_("applied or taken back"), null=True, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    class Meta:
        verbose_name = _("scheduled change")
        verbose_name_plural = _("scheduled changes")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["membership"],
                condition=Q(state="pending"),
                name="a_membership_has_one_pending_change",
            ),
            models.CheckConstraint(
                condition=Q(state="pending") ^ Q(settled_at__isnull=False), name="a_settled_change_says_when"
            ),
        ]
        indexes = [
            models.Index(fields=["effective_at"], condition=Q(state="pending"), name="changes_to_come")
        ]

    def __str__(self) -> str:
        return f"{self.kind} @ {self.effective_at:%Y-%m-%d}"


class ScheduledItem(models.Model):
    """One product of the state that a scheduled change leads to."""

    change = models.ForeignKey(ScheduledChange, on_delete=models.CASCADE, related_name="items")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    price = models.ForeignKey(Price, on_delete=models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("scheduled item")
        verbose_name_plural = _("scheduled items")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["change", "product"], name="a_product_is_once_in_a_scheduled_change"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.product}"
