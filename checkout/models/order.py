import uuid
from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from checkout.models.quote import Quote
from memberships.models import Membership, Payment
from memberships.story import headline


class OrderQuerySet(models.QuerySet["Order"]):
    def owned_by(self, user: Any) -> Self:
        return self.filter(membership__customer__user=user)

    def open(self) -> Self:
        return self.filter(state=Order.State.OPEN)

    def overdue(self, *, at: datetime) -> Self:
        """Open orders that have waited for money longer than they may."""
        return self.open().filter(expires_at__lte=at)


class Order(models.Model):
    """A confirmed quote on its way to taking effect. The database allows one open order per membership."""

    class State(models.TextChoices):
        OPEN = "open", _("Waiting for payment")
        FULFILLED = "fulfilled", _("Applied")
        CREDITED = "credited", _("Paid too late, credited")
        EXPIRED = "expired", _("Expired unpaid")
        CANCELLED = "cancelled", _("Cancelled")
        UNDONE = "undone", _("Undone")

    uid = models.UUIDField(_("identifier"), default=uuid.uuid4, unique=True, editable=False)
    quote = models.OneToOneField(
        Quote, verbose_name=_("quote"), on_delete=models.PROTECT, related_name="order"
    )
    membership = models.ForeignKey(
        Membership, verbose_name=_("membership"), on_delete=models.PROTECT, related_name="orders"
    )
    payment = models.OneToOneField(
        Payment,
        verbose_name=_("payment"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="order",
    )
    placed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("placed by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    kind = models.CharField(_("kind"), max_length=20)
    came_from = models.CharField(_("from"), max_length=80, blank=True)
    went_to = models.CharField(_("to"), max_length=240, blank=True)
    created_at = models.DateTimeField(_("created"))
    expires_at = models.DateTimeField(
        _("expires"), null=True, blank=True, help_text=_("Empty: waits until it is paid.")
    )
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)
    undone_at = models.DateTimeField(_("undone on"), null=True, blank=True)

    objects = OrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["membership"], condition=Q(state="open"), name="a_membership_has_one_open_order"
            ),
            models.CheckConstraint(
                condition=Q(state="open") ^ Q(settled_at__isnull=False), name="a_settled_order_says_when"
            ),
            models.CheckConstraint(
                condition=Q(state="undone") ^ Q(undone_at=None), name="an_undone_order_says_when"
            ),
        ]

    def __str__(self) -> str:
        return self.headline

    @property
    def headline(self) -> str:
        """What was ordered, in the active language."""
        return headline(kind=self.kind, came_from=self.came_from, went_to=self.went_to)
