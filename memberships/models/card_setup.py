import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from memberships.models.customer import Customer


class CardSetup(models.Model):
    """A customer's visit to the gateway's page to save another card. Its uid is the idempotency key."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        DONE = "done", _("Card saved")
        CLOSED = "closed", _("Closed")

    uid = models.UUIDField(_("idempotency key"), default=uuid.uuid4, unique=True, editable=False)
    customer = models.ForeignKey(
        Customer, verbose_name=_("customer"), on_delete=models.PROTECT, related_name="card_setups"
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    gateway_ref = models.CharField(_("gateway reference"), max_length=120, blank=True)
    return_url = models.URLField(_("where the customer comes back"), max_length=600)
    url = models.URLField(_("gateway's page"), max_length=600, blank=True)
    started_at = models.DateTimeField(_("started"))
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("card setup")
        verbose_name_plural = _("card setups")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["gateway_ref"],
                condition=~Q(gateway_ref=""),
                name="a_gateway_reference_is_one_card_setup",
            ),
            models.CheckConstraint(
                condition=Q(state="open") ^ Q(finished_at__isnull=False),
                name="a_finished_card_setup_says_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer}: {self.get_state_display()}"
