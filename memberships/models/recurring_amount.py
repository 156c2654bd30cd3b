from typing import Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from memberships.models.membership import Membership
from products.models import Product


class RecurringAmountQuerySet(models.QuerySet["RecurringAmount"]):
    def standing(self) -> Self:
        """Of each membership that brings something, the row that says how much."""
        later = RecurringAmount.objects.filter(membership=OuterRef("membership"), id__gt=OuterRef("id"))
        return self.filter(~Exists(later), amount__gt=0)


class RecurringAmount(models.Model):
    """One change of what a membership brings in a month, in minor units. Append-only.

    `amount` is what it brings from `at` on and `delta` by how much that is more than before, so that the sum of the
    deltas up to an instant is the monthly recurring revenue at it. An undone change takes back its own movement.
    """

    class Movement(models.TextChoices):
        NEW = "new", _("New")
        EXPANSION = "expansion", _("Expansion")
        CONTRACTION = "contraction", _("Contraction")
        CHURN = "churn", _("Churn")
        REACTIVATION = "reactivation", _("Reactivation")

    membership = models.ForeignKey(
        Membership,
        verbose_name=_("membership"),
        on_delete=models.PROTECT,
        related_name="recurring_amounts",
        db_index=False,  # see the index below
    )
    plan = models.ForeignKey(
        Product,
        verbose_name=_("plan"),
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("The plan that brings it; of a churn, the one that did."),
    )
    movement = models.CharField(_("movement"), max_length=12, choices=Movement)
    currency = models.CharField(_("currency"), max_length=3)
    delta = models.BigIntegerField(_("change"))
    amount = models.PositiveBigIntegerField(_("a month"))
    at = models.DateTimeField(_("at"), db_index=True)
    reference = models.CharField(_("reference"), max_length=80, blank=True)

    objects = RecurringAmountQuerySet.as_manager()

    class Meta:
        verbose_name = _("change of recurring revenue")
        verbose_name_plural = _("changes of recurring revenue")
        ordering = ["-at", "-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(delta=0), name="a_recurring_amount_changes_by_something"),
            models.CheckConstraint(
                condition=Q(delta__lte=F("amount")), name="a_recurring_amount_was_never_below_nothing"
            ),
        ]
        indexes = [models.Index(fields=["membership", "-id"], name="recurring_amounts_by_member")]

    def __str__(self) -> str:
        return f"{self.membership_id} {self.movement}: {self.delta:+d} {self.currency}"
