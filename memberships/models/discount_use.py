from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from memberships.models.membership import Membership
from products import pricing
from products.models import Discount


class DiscountUseQuerySet(models.QuerySet["DiscountUse"]):
    def counted(self) -> Self:
        """The uses that count against a code's caps: all but those that came to nothing."""
        return self.exclude(state=DiscountUse.State.RELEASED)

    def counted_for(self, membership: Membership) -> Self:
        """The uses that count when `membership` enters a code: what it has reserved gives way to what it asks now."""
        return self.counted().exclude(membership=membership.pk, state=DiscountUse.State.RESERVED)

    def live(self) -> Self:
        return self.filter(state=DiscountUse.State.LIVE)

    def release(self, *, now: datetime) -> None:
        """Give back those of these that are reserved."""
        reserved = self.filter(state=DiscountUse.State.RESERVED)
        reserved.update(state=DiscountUse.State.RELEASED, settled_at=now)


class DiscountUse(models.Model):
    """One use of a discount code by a membership.

    It is reserved with the order or the scheduled change it was entered for, so that the last use of a code is taken
    once. `terms` is the kernel's discount, as it was granted, in its JSON: `periods_left` counts down in it, and
    nothing that happens to the code afterwards changes it.
    """

    class State(models.TextChoices):
        RESERVED = "reserved", _("Reserved")
        LIVE = "live", _("In force")
        ENDED = "ended", _("Ended")
        RELEASED = "released", _("Not used")

    membership = models.ForeignKey(
        Membership, verbose_name=_("membership"), on_delete=models.PROTECT, related_name="discount_uses"
    )
    discount = models.ForeignKey(
        Discount, verbose_name=_("discount code"), on_delete=models.PROTECT, related_name="uses"
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.RESERVED)
    reference = models.CharField(_("reference"), max_length=80, unique=True)
    terms = models.JSONField(_("terms"))
    reserved_at = models.DateTimeField(_("reserved"))
    settled_at = models.DateTimeField(_("ended or released"), null=True, blank=True)

    objects = DiscountUseQuerySet.as_manager()

    class Meta:
        verbose_name = _("discount use")
        verbose_name_plural = _("discount uses")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["membership"], condition=Q(state="live"), name="a_membership_has_one_live_discount"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["reserved", "live"]) ^ Q(settled_at__isnull=False),
                name="a_settled_discount_use_says_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.discount} ({self.get_state_display()})"

    @property
    def granted(self) -> pricing.Discount:
        """The discount as it stands now."""
        return pricing.discount_from_json(self.terms)

    def go_on(self, *, periods_left: int | None, now: datetime) -> None:
        """Be in force with so many full-price periods left: None is for ever, with 0 it has ended. The caller has
        locked the membership."""
        self.terms = {**self.terms, "periods_left": periods_left}
        if periods_left == 0:
            self.end(now=now)
        else:
            self.state, self.settled_at = self.State.LIVE, None
            self.save(update_fields=["terms", "state", "settled_at"])

    def end(self, *, now: datetime) -> None:
        """Be in force no longer. The caller has locked the membership."""
        self.state, self.settled_at = self.State.ENDED, now
        self.save(update_fields=["terms", "state", "settled_at"])
