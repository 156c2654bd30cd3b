import uuid

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from memberships.models.customer import Customer


class PaymentMethod(models.Model):
    """A card the gateway keeps for a customer. We know its brand, its last four digits and when it ends,
    nothing more."""

    uid = models.UUIDField(  # the database's default gave each card of before an identifier of its own
        _("identifier"), default=uuid.uuid4, db_default=RandomUUID(), unique=True, editable=False
    )
    customer = models.ForeignKey(
        Customer, verbose_name=_("customer"), on_delete=models.PROTECT, related_name="payment_methods"
    )
    gateway_ref = models.CharField(_("gateway reference"), max_length=120, unique=True)
    brand = models.CharField(_("brand"), max_length=30)
    last4 = models.CharField(_("last four digits"), max_length=4)
    exp_month = models.PositiveSmallIntegerField(_("expiry month"))
    exp_year = models.PositiveSmallIntegerField(_("expiry year"))
    is_default = models.BooleanField(_("default"), default=False)
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("payment method")
        verbose_name_plural = _("payment methods")
        ordering = ["-is_default", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["customer"], condition=Q(is_default=True), name="a_customer_has_one_default_card"
            )
        ]
        indexes = [
            models.Index(
                fields=["exp_year", "exp_month"], condition=Q(is_default=True), name="default_cards_by_expiry"
            )
        ]

    def __str__(self) -> str:
        return f"{self.brand.title()} •••• {self.last4}"
