from datetime import datetime
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
    is not here: it is the sum of the item's invoice lines. `next_price` is what periods cost that begin at
    `next_price_from` or later.
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
    next_price = models.ForeignKey(
        Price,
        verbose_name=_("price to come"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="items_to_come",
    )
    next_price_from = models.DateTimeField(_("price to come, from"), null=True, blank=True)

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
            models.CheckConstraint(
                condition=Q(next_price=None, next_price_from=None)
                | Q(next_price__isnull=False, next_price_from__isnull=False),
                name="a_price_to_come_has_its_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.product}" if self.quantity > 1 else str(self.product)

    def price_at_renewal(self, at: datetime) -> Price:
        """What a period that begins at `at` costs."""
        if self.next_price is None or self.next_price_from is None or at < self.next_price_from:
            return self.price
        return self.next_price
