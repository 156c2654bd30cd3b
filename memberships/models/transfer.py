import uuid

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from memberships.models.customer import Customer
from memberships.models.membership import Membership


class MembershipTransfer(models.Model):
    """A membership passed from one customer to another. Append-only.

    What was billed and told before belongs to who paid then; `uid` comes with the form, so that one sent twice counts
    once.
    """

    uid = models.UUIDField(_("identifier"), default=uuid.uuid4, unique=True, editable=False)
    membership = models.ForeignKey(
        Membership, verbose_name=_("membership"), on_delete=models.PROTECT, related_name="transfers"
    )
    came_from = models.ForeignKey(
        Customer, verbose_name=_("from"), on_delete=models.PROTECT, related_name="transfers_away"
    )
    went_to = models.ForeignKey(Customer, verbose_name=_("to"), on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(_("reason"), max_length=240)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("transfer of a membership")
        verbose_name_plural = _("transfers of memberships")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(came_from=F("went_to")), name="a_transfer_is_between_two_customers"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="a_transfer_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.came_from} → {self.went_to}"


def passed_on_after(moment: str) -> Exists:
    """Whether the membership of the outer row has passed to another customer since `moment`, a field of that row."""
    return Exists(
        MembershipTransfer.objects.filter(membership=OuterRef("membership"), at__gt=OuterRef(moment))
    )
