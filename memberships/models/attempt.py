import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from memberships.models.payment import Payment


class Attempt(models.Model):
    """One try to collect a payment. The row is committed before the gateway is called and its uid is the
    idempotency key, so a lost answer is asked for again and never charges twice."""

    class Method(models.TextChoices):
        HOSTED_PAGE = "hosted_page", _("Gateway's page")
        SAVED_CARD = "saved_card", _("Saved card")
        BANK_TRANSFER = "bank_transfer", _("Bank transfer")

    class State(models.TextChoices):
        STARTED = "started", _("Started")
        WAITING = "waiting", _("Waiting for the customer")
        SUCCEEDED = "succeeded", _("Succeeded")
        FAILED = "failed", _("Failed")

    uid = models.UUIDField(_("idempotency key"), default=uuid.uuid4, unique=True, editable=False)
    payment = models.ForeignKey(
        Payment, verbose_name=_("payment"), on_delete=models.PROTECT, related_name="attempts"
    )
    number = models.PositiveSmallIntegerField(_("number"))
    method = models.CharField(_("method"), max_length=13, choices=Method)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.STARTED)
    gateway_ref = models.CharField(_("gateway reference"), max_length=120, blank=True)
    card_ref = models.CharField(_("card"), max_length=120, blank=True)
    return_url = models.URLField(_("where the customer comes back"), max_length=600, blank=True)
    url = models.URLField(_("where the customer pays"), max_length=600, blank=True)
    refusal = models.CharField(_("refusal"), max_length=240, blank=True)
    started_at = models.DateTimeField(_("started"))
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        ordering = ["payment", "number"]
        constraints = [
            models.UniqueConstraint(fields=["payment", "number"], name="attempts_of_a_payment_are_numbered"),
            models.UniqueConstraint(
                fields=["gateway_ref"],
                condition=~Q(gateway_ref=""),
                name="a_gateway_reference_is_one_attempt",
            ),
            models.UniqueConstraint(
                fields=["payment"],
                condition=Q(state__in=["started", "waiting"]),
                name="a_payment_has_one_open_attempt",
            ),
            models.UniqueConstraint(
                fields=["payment"], condition=Q(state="succeeded"), name="a_payment_succeeds_once"
            ),
        ]
        indexes = [models.Index(fields=["payment"], condition=Q(state="failed"), name="attempts_that_failed")]

    def __str__(self) -> str:
        return f"{self.get_method_display()} {self.number}: {self.get_state_display()}"

    @property
    def is_open(self) -> bool:
        return self.state in {self.State.STARTED, self.State.WAITING}

    @property
    def asks_customer(self) -> bool:
        """Whether the bank waits for a customer who was not there when their card was charged."""
        is_waiting = self.state == self.State.WAITING and self.method == self.Method.SAVED_CARD
        return is_waiting and not self.return_url and bool(self.url or self.refusal)
