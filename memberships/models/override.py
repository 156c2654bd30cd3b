from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from memberships.models.membership import Membership
from products.limits import Kind
from products.models.limit import LABELS


class LimitOverrideQuerySet(models.QuerySet["LimitOverride"]):
    def in_force(self) -> Self:
        return self.filter(ended_at=None)

    def overdue(self, *, at: datetime) -> Self:
        """Those in force that should have ended by `at`."""
        return self.in_force().filter(ends_at__lte=at)


class LimitOverride(models.Model):
    """What staff let a membership use beside its plan and packages: more of one kind, or as much as it likes.

    `amount` is in the kind's unit, None for unlimited. Another amount is another row, so that all that ever was can be
    told.
    """

    membership = models.ForeignKey(
        Membership, verbose_name=_("membership"), on_delete=models.PROTECT, related_name="overrides"
    )
    kind = models.CharField(_("limit"), max_length=30, choices=[(kind.value, LABELS[kind]) for kind in Kind])
    amount = models.PositiveBigIntegerField(
        _("more"), null=True, blank=True, help_text=_("Empty means unlimited. Disk space is in bytes.")
    )
    reason = models.CharField(_("reason"), max_length=240)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    created_at = models.DateTimeField(_("at"))
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    objects = LimitOverrideQuerySet.as_manager()

    class Meta:
        verbose_name = _("limit override")
        verbose_name_plural = _("limit overrides")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["membership", "kind"],
                condition=Q(ended_at=None),
                name="a_membership_has_one_override_of_a_kind",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=[kind.value for kind in Kind if kind.is_switch]) | Q(amount=None),
                name="an_override_of_a_feature_has_no_amount",
            ),
            models.CheckConstraint(
                condition=Q(amount=None) | Q(amount__gt=0), name="an_override_gives_something"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="an_override_has_a_reason"),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=F("created_at")),
                name="an_override_ends_after_it_began",
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()
