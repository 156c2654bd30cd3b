"""Who is told, what there is to tell, and every try to tell it."""

import json
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Self
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from checkout.hooks.addresses import LONGEST_URL
from checkout.hooks.events import EVENTS
from checkout.hooks.signing import MARK


class EndpointQuerySet(models.QuerySet["Endpoint"]):
    def with_work(self, *, at: datetime) -> Self:
        """Those for which messages are due at `at`."""
        due = Message.objects.due(at=at).filter(endpoint=models.OuterRef("pk"))
        return self.filter(models.Exists(due), state=Endpoint.State.ENABLED)

    def to_be_told(self) -> Self:
        """Those that were disabled for failing, and whose owner does not know yet."""
        return self.filter(state=Endpoint.State.DISABLED, owner_told_at=None).exclude(disabled_because="")


class Endpoint(models.Model):
    """An address of another system that is told what happens on the whole network, or of some types of it.

    Rows stay: the database's triggers write messages for endpoints, and no effect may fail since one has just gone.
    """

    class State(models.TextChoices):
        ENABLED = "enabled", _("Enabled")
        DISABLED = "disabled", _("Disabled")

    uid = models.UUIDField(_("identifier"), default=uuid.uuid4, unique=True, editable=False)
    url = models.CharField(
        _("address"), max_length=LONGEST_URL, help_text=_("Where messages are posted to, with https.")
    )
    description = models.CharField(
        _("description"), max_length=120, blank=True, help_text=_("What it is for; shown to staff only.")
    )
    types = ArrayField(
        models.CharField(max_length=40),
        verbose_name=_("events"),
        default=list,
        blank=True,
        help_text=_("Choose none to be told of everything, also of what there will be later."),
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        on_delete=models.DO_NOTHING,  # sites have users too, and no such table to look into; here the database refuses
        related_name="+",
        help_text=_("Who is written to when it does not work."),
    )
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.ENABLED)
    secret = models.CharField(_("secret"), max_length=100)
    previous_secret = models.CharField(_("previous secret"), max_length=100, blank=True)
    previous_secret_until = models.DateTimeField(_("previous secret valid until"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"))
    failing_since = models.DateTimeField(
        _("failing since"), null=True, blank=True, help_text=_("Since when it has taken no message.")
    )
    disabled_at = models.DateTimeField(_("disabled on"), null=True, blank=True)
    disabled_because = models.CharField(_("disabled because"), max_length=240, blank=True)
    owner_told_at = models.DateTimeField(_("owner told"), null=True, blank=True)

    objects = EndpointQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook endpoint")
        verbose_name_plural = _("webhook endpoints")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="disabled") ^ Q(disabled_at=None),
                name="a_disabled_endpoint_says_since_when",
            ),
            models.CheckConstraint(
                condition=Q(state="disabled") | Q(disabled_because=""),
                name="only_a_disabled_endpoint_says_why",
            ),
            models.CheckConstraint(condition=Q(secret__startswith=MARK), name="an_endpoint_has_a_secret"),
            models.CheckConstraint(
                condition=Q(previous_secret="") ^ Q(previous_secret_until__isnull=False),
                name="a_previous_secret_ends_some_day",
            ),
        ]

    def __str__(self) -> str:
        return self.description or self.host

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc

    def keys(self, *, at: datetime) -> Sequence[str]:
        """The secrets that sign at `at`: the new one, and the one before as long as that is valid."""
        if self.previous_secret_until is not None and at < self.previous_secret_until:
            return (self.secret, self.previous_secret)
        return (self.secret,)


class MessageQuerySet(models.QuerySet["Message"]):
    def due(self, *, at: datetime) -> Self:
        return self.filter(state=Message.State.WAITING, next_try_at__lte=at)


class Message(models.Model):
    """One event for one endpoint. `data` names what it is about; the rest is asked for with the API."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        TAKEN = "taken", _("Taken")
        GIVEN_UP = "given_up", _("Given up")

    uid = models.UUIDField(_("identifier"), default=uuid.uuid4, unique=True, editable=False)
    endpoint = models.ForeignKey(
        Endpoint, verbose_name=_("endpoint"), on_delete=models.PROTECT, related_name="messages"
    )
    type = models.CharField(_("event"), max_length=40)
    data = models.JSONField(_("data"))
    occurred_at = models.DateTimeField(_("happened"))
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(_("failed tries"), default=0)
    next_try_at = models.DateTimeField(_("next try"), null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook message")
        verbose_name_plural = _("webhook messages")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="waiting") ^ Q(next_try_at=None),
                name="a_waiting_message_says_when_it_is_sent",
            ),
        ]
        indexes = [
            models.Index(
                fields=["endpoint", "next_try_at"], condition=Q(state="waiting"), name="messages_to_send"
            ),
            models.Index(fields=["occurred_at"], name="messages_by_day"),
        ]

    def __str__(self) -> str:
        return f"{self.type} ({self.get_state_display()})"

    @property
    def label(self) -> str:
        """What happened, in the active language."""
        return str(EVENTS.get(self.type, self.type))

    @property
    def name(self) -> str:
        """As `webhook-id` says it, the same with every try."""
        return f"msg_{self.uid.hex}"

    @property
    def body(self) -> bytes:
        """What is sent and signed, to the byte, with every try."""
        moment = self.occurred_at.astimezone(UTC).isoformat().replace("+00:00", "Z")
        return json.dumps({"type": self.type, "timestamp": moment, "data": self.data}).encode()


class Delivery(models.Model):
    """One try to deliver a message: what was answered, or why nobody did. Append-only."""

    message = models.ForeignKey(
        Message, verbose_name=_("message"), on_delete=models.CASCADE, related_name="deliveries"
    )
    at = models.DateTimeField(_("at"))
    status = models.PositiveSmallIntegerField(_("status"), null=True, blank=True)
    milliseconds = models.PositiveIntegerField(_("milliseconds"))
    excerpt = models.TextField(_("answer"), blank=True)
    error = models.CharField(_("error"), max_length=400, blank=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status=None) ^ Q(error=""), name="a_delivery_was_answered_or_says_why_not"
            ),
        ]

    def __str__(self) -> str:
        return str(self.status or self.error)
