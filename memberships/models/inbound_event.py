import re
from datetime import datetime
from typing import Self

from django.db import connection, models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

# An escape in JSON text: a pair of surrogates, one that jsonb cannot hold (NUL, half a pair), or any other.
ESCAPE = re.compile(
    r"(?P<pair>\\u[dD][89abAB]..\\u[dD][c-fC-F]..)|(?P<unstorable>\\u(?:0000|[dD][89a-fA-F]..))|\\.",
    re.DOTALL,
)


class InboundEventQuerySet(models.QuerySet["InboundEvent"]):
    def store(
        self,
        *,
        source: str,
        external_id: str,
        kind: str,
        object_id: str,
        payload: str,
        received_at: datetime,
    ) -> int | None:
        """Insert an event and answer its id; None when it was stored before. One statement, since the gateway waits.

        `payload` is JSON text; the characters that PostgreSQL cannot hold are replaced. Raises DataError for what else
        it does not take.
        """
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO memberships_inboundevent"
                " (source, external_id, kind, object_id, payload, state, attempts, effect, error, received_at)"
                " VALUES (%s, %s, %s, %s, %s::jsonb, 'received', 0, '', '', %s)"
                " ON CONFLICT (source, external_id) DO NOTHING RETURNING id",
                [source, external_id, kind, object_id, _storable(payload), received_at],
            )
            row = cursor.fetchone()
        return row[0] if row else None

    def left_behind(self, *, received_before: datetime, most_attempts: int) -> Self:
        """Events whose task was lost or failed and may still be tried."""
        return self.filter(
            Q(state="received") | Q(state="failed", attempts__lt=most_attempts),
            received_at__lte=received_before,
        )


class InboundEvent(models.Model):
    """A gateway's webhook, stored before it is acknowledged and handled once. Its payload is a hint, never the
    truth."""

    class State(models.TextChoices):
        RECEIVED = "received", _("Received")
        HANDLED = "handled", _("Handled")
        IGNORED = "ignored", _("Not for us")
        FAILED = "failed", _("Failed")

    source = models.CharField(_("source"), max_length=20)
    external_id = models.CharField(_("event"), max_length=120)
    kind = models.CharField(_("kind"), max_length=80)
    object_id = models.CharField(_("object"), max_length=120, blank=True)
    payload = models.JSONField(_("payload"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.RECEIVED)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    effect = models.CharField(_("effect"), max_length=200, blank=True)
    error = models.TextField(_("error"), blank=True)
    received_at = models.DateTimeField(_("received"))
    handled_at = models.DateTimeField(_("handled"), null=True, blank=True)

    objects = InboundEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("inbound event")
        verbose_name_plural = _("inbound events")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["source", "external_id"], name="an_event_is_stored_once"),
        ]
        indexes = [models.Index(fields=["state", "received_at"], name="events_by_state")]

    def __str__(self) -> str:
        return f"{self.kind} {self.external_id}"


def _storable(text: str) -> str:
    """JSON text with U+FFFD for the escaped characters that jsonb refuses, which people do type into their names."""
    return (
        ESCAPE.sub(lambda found: r"\ufffd" if found["unstorable"] else found[0], text)
        if r"\u" in text
        else text
    )
