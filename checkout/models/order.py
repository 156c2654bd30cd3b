import uuid
from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from checkout.models.quote import Quote
from memberships.models import Attempt, Membership, Payment, Refund
from memberships.models.transfer import passed_on_after
from memberships.story import headline

SOON = timedelta(minutes=2)  # work that is queued is done within this
LONG = timedelta(hours=2)  # pages expire and banks have answered by then
WEEKS = timedelta(days=14)


class OrderQuerySet(models.QuerySet["Order"]):
    def owned_by(self, user: Any) -> Self:
        return self.filter(~passed_on_after("created_at"), membership__customer__user=user)

    def open(self) -> Self:
        return self.filter(state=Order.State.OPEN)

    def overdue(self, *, at: datetime) -> Self:
        """Open orders that have waited for money longer than they may."""
        return self.open().filter(expires_at__lte=at)

    def paid_not_applied(self, *, at: datetime) -> Self:
        """Orders whose money has been here for longer than carrying them out takes: an alarm."""
        return self.filter(payment__state=Payment.State.PAID, payment__settled_at__lt=at - SOON).exclude(
            state__in=[Order.State.FULFILLED, Order.State.CREDITED, Order.State.UNDONE]
        )

    def suspicious(self, *, at: datetime) -> Self:
        """Orders to hold against the gateway: paid and not applied, paid otherwise than was asked, or with a try or a
        refund that has been without an answer for too long or that failed."""
        late_tries = Attempt.objects.filter(
            started_at__lt=at - LONG, state__in=[Attempt.State.STARTED, Attempt.State.WAITING]
        ).exclude(method=Attempt.Method.BANK_TRANSFER)
        other_amounts = Attempt.objects.filter(
            state=Attempt.State.SUCCEEDED, payment__state=Payment.State.CLOSED
        )
        late_refunds = Refund.objects.filter(
            created_at__lt=at - LONG, state__in=[Refund.State.STARTED, Refund.State.PENDING]
        )
        failed_refunds = Refund.objects.filter(state=Refund.State.FAILED, settled_at__gt=at - WEEKS)
        payments = [
            rows.values("payment") for rows in (late_tries, other_amounts, late_refunds, failed_refunds)
        ]
        return self.filter(
            Q(pk__in=Order.objects.paid_not_applied(at=at).values("pk"))
            | Q(payment__in=payments[0].union(*payments[1:]))
        )


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
    reason = models.CharField(
        _("reason"),
        max_length=240,
        blank=True,
        help_text=_("Why staff placed it on the customer’s behalf."),
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
