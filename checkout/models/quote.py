import uuid
from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from memberships.models import Membership
from memberships.models.transfer import passed_on_after
from products import pricing


class QuoteQuerySet(models.QuerySet["Quote"]):
    def owned_by(self, user: Any) -> Self:
        return self.filter(~passed_on_after("as_of"), membership__customer__user=user)


class Quote(models.Model):
    """A price that binds: what it was computed from, at which instant, for which revision of the membership,
    until when.

    `scenario` is the kernel's input and `result` its answer, both as `products.pricing` writes them. `picks`
    names the rows behind the kernel's product codes: a list of {"product": id, "price": id, "quantity": n},
    the complete wanted state.
    """

    uid = models.UUIDField(_("identifier"), default=uuid.uuid4, unique=True, editable=False)
    membership = models.ForeignKey(
        Membership, verbose_name=_("membership"), on_delete=models.PROTECT, related_name="quotes"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("asked by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("Nobody: the schedule asked, for a renewal."),
    )
    revision = models.PositiveIntegerField(_("revision"))
    as_of = models.DateTimeField(_("as of"))
    expires_at = models.DateTimeField(_("expires"))
    picks = models.JSONField(_("picks"))
    scenario = models.JSONField(_("scenario"))
    result = models.JSONField(_("result"))

    objects = QuoteQuerySet.as_manager()

    class Meta:
        verbose_name = _("quote")
        verbose_name_plural = _("quotes")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("as_of")), name="a_quote_expires_after_it_was_made"
            )
        ]

    def __str__(self) -> str:
        return str(self.uid)

    @property
    def price(self) -> pricing.Quote:
        """The stored answer of the kernel."""
        return pricing.quote_from_json(self.result)

    def has_expired(self, *, at: datetime) -> bool:
        return at >= self.expires_at
