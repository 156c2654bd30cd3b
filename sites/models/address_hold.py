from django.db import models
from django.utils.translation import gettext_lazy as _

from memberships.models import Membership
from sites import names


class AddressHold(models.Model):
    """An address that nobody but a membership may take, for a while: of who is signing up and has not paid yet."""

    slug = models.CharField(_("address"), max_length=names.LONGEST_NAME)
    membership = models.ForeignKey(
        Membership, verbose_name=_("membership"), on_delete=models.CASCADE, related_name="+"
    )
    until = models.DateTimeField(_("until"))

    class Meta:
        verbose_name = _("held address")
        verbose_name_plural = _("held addresses")
        ordering = ["slug"]
        constraints = [models.UniqueConstraint(fields=["slug"], name="an_address_is_held_for_one_membership")]
        indexes = [models.Index(fields=["until"], name="address_holds_by_end")]

    def __str__(self) -> str:
        return self.slug
