"""What the double remembers: objects as Stripe shapes them, answers given to idempotency keys, deliveries."""

from typing import Any, ClassVar

from django.db import models


class Resource(models.Model):
    """One object of the API. `body` is what is answered; `hidden` is what only the double knows of it."""

    ref = models.CharField(max_length=100, unique=True)
    kind = models.CharField(max_length=40)
    body: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField()
    hidden: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict)
    created = models.BigIntegerField()  # seconds since 1970
    # Copies out of `body`, to find by.
    customer = models.CharField(max_length=100, default="")
    payment_intent = models.CharField(max_length=100, default="")

    objects: ClassVar[models.Manager["Resource"]] = models.Manager()

    class Meta:
        app_label = "sandbox"
        indexes = (
            models.Index(fields=["kind", "-id"], name="newest_of_a_kind"),
            models.Index(fields=["kind", "created"], name="of_a_kind_by_age"),
            models.Index(fields=["kind", "customer"], name="of_a_customer"),
            models.Index(fields=["kind", "payment_intent"], name="of_a_payment_intent"),
        )

    def __str__(self) -> str:
        return self.ref


class KeptAnswer(models.Model):
    """The answer to the first request with an idempotency key; every later one gets the same."""

    key = models.CharField(max_length=255, unique=True)
    endpoint = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)
    request_ref = models.CharField(max_length=40)
    status = models.PositiveSmallIntegerField()
    body: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField()

    objects: ClassVar[models.Manager["KeptAnswer"]] = models.Manager()

    class Meta:
        app_label = "sandbox"

    def __str__(self) -> str:
        return self.key


class Delivery(models.Model):
    """One event on its way to one webhook endpoint."""

    class State(models.TextChoices):
        WAITING = "waiting"
        DELIVERED = "delivered"
        DROPPED = "dropped"  # a switch said so: never sent
        FAILED = "failed"  # given up after the last retry

    event_ref = models.CharField(max_length=100, db_index=True)
    event_type = models.CharField(max_length=100)
    endpoint_ref = models.CharField(max_length=100)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    due_at = models.FloatField()  # seconds since 1970
    attempts = models.PositiveIntegerField(default=0)
    last_outcome = models.CharField(max_length=200, default="")

    objects: ClassVar[models.Manager["Delivery"]] = models.Manager()

    class Meta:
        app_label = "sandbox"
        indexes = (models.Index(fields=["state", "due_at"], name="deliveries_due"),)

    def __str__(self) -> str:
        return f"{self.event_ref} to {self.endpoint_ref}"
