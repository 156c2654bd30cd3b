from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from memberships.models.membership import Membership
from products.models import Price, Product


class MembershipItemQuerySet(models.QuerySet["MembershipItem"]):
    def live(self) -> Self:
        return self.filter(ended_at=None)


class MembershipItem(models.Model):
    """A product on a membership at the price version it was bought for. Ended items stay as history.

    `unit_price` and `setup_fee_paid` are minor units of the membership's currency. What was paid for the running period
    is not here: it is the sum of the item's invoice lines.
    """

    membership = models.ForeignKey(
        Membership, verbose_name=_("membership"), on_delete=models.PROTECT, related_name="items"
    )
    product = models.ForeignKey(
        Product, verbose_name=_("product"), on_delete=models.PROTECT, related_name="items"
    )
    price = models.ForeignKey(Price, verbose_name=_("price"), on_delete=models.PROTECT, related_name="items")
    quantity = models.PositiveIntegerField(_("quantity"), default=1)
    unit_price = models.PositiveBigIntegerField(_("unit price"))
    setup_fee_paid = models.PositiveBigIntegerField(_("setup fee paid"), default=0)
    tax_percent = models.DecimalField(_("tax percent"), max_digits=7, decimal_places=4, default=0)
    added_at = models.DateTimeField(_("added"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    objects = MembershipItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership item")
        verbose_name_plural = _("membership items")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["membership", "product"],
                condition=Q(ended_at=None),
                name="a_product_is_once_on_a_membership",
            ),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="an_item_has_at_least_one"),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("added_at")),
                name="an_item_ends_after_it_was_added",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.product}" if self.quantity > 1 else str(self.product)
