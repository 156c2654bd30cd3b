import uuid
from datetime import datetime
from functools import partial
from typing import Any, ClassVar, Self

from django.db import models, transaction
from django.db.models import BigIntegerField, F, Q, Sum, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from memberships.models.customer import Customer
from memberships.signals import entitlements_changed
from memberships.story import HEADLINES, headline
from products.models import Price
from products.pricing import Interval, Period, Unit


class TransitionNotAllowed(Exception):
    """The membership is in a state from which this move is not possible."""

    def __init__(self, *, came_from: str, to: str) -> None:
        super().__init__(f"A membership that is {came_from} cannot become {to}.")
        self.came_from = came_from
        self.to = to


class MembershipQuerySet(models.QuerySet["Membership"]):
    def with_wallet(self) -> Self:
        """Annotate `wallet`: the balance in minor units, the sum of the wallet's entries."""
        return self.annotate(
            wallet=Coalesce(Sum("wallet_entries__amount"), Value(0), output_field=BigIntegerField())
        )

    def owned_by(self, user: Any) -> Self:
        """The memberships that `user` pays for; fetching through this is authorising."""
        return self.filter(customer__user=user)

    def due_for_renewal(self, *, at: datetime) -> Self:
        """Memberships whose paid period or trial has ended and whose next one has not begun."""
        return self.filter(state__in=["active", "trialing"]).filter(
            Q(period_end__lte=at) | Q(period_end=None, trial_end__lte=at)
        )


class Membership(models.Model):  # type: ignore[django-manager-missing]  # a Site's manager has no types
    """What a customer has: its items are the plan and packages, its period is what has been paid for.

    A free membership has no period and never expires. `revision` grows with every change of what is had or of
    its price, so a quote made before such a change can be told from one that still holds.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("Pending")
        TRIALING = "trialing", _("Trial")
        ACTIVE = "active", _("Active")
        PAST_DUE = "past_due", _("Payment overdue")
        EXPIRED = "expired", _("Expired")
        CANCELLED = "cancelled", _("Cancelled")

    ENDED: ClassVar[frozenset[str]] = frozenset({State.EXPIRED, State.CANCELLED})
    MOVES: ClassVar[dict[str, frozenset[str]]] = {
        State.PENDING: frozenset({State.TRIALING, State.ACTIVE, State.CANCELLED}),
        State.TRIALING: frozenset({State.ACTIVE, State.PAST_DUE, State.CANCELLED}),
        State.ACTIVE: frozenset(
            {State.PAST_DUE, State.CANCELLED, State.TRIALING}
        ),  # an upgrade undone: its trial
        State.PAST_DUE: frozenset({State.ACTIVE, State.EXPIRED, State.CANCELLED}),
        State.EXPIRED: frozenset({State.ACTIVE, State.TRIALING, State.CANCELLED}),
        State.CANCELLED: frozenset({State.ACTIVE, State.TRIALING}),
    }

    uid = models.UUIDField(_("identifier"), default=uuid.uuid4, unique=True, editable=False)
    customer = models.ForeignKey(
        Customer, verbose_name=_("customer"), on_delete=models.PROTECT, related_name="memberships"
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PENDING)
    currency = models.CharField(_("currency"), max_length=3)
    interval_unit = models.CharField(_("per"), max_length=5, choices=Price.Unit, default=Price.Unit.MONTH)
    interval_count = models.PositiveSmallIntegerField(_("every"), default=1)
    anchor = models.DateTimeField(_("anchor"), null=True, blank=True)
    period_start = models.DateTimeField(_("period start"), null=True, blank=True)
    period_end = models.DateTimeField(_("period end"), null=True, blank=True)
    trial_end = models.DateTimeField(_("trial end"), null=True, blank=True)
    revision = models.PositiveIntegerField(_("revision"), default=0)
    created_at = models.DateTimeField(_("created"))
    activated_at = models.DateTimeField(_("activated"), null=True, blank=True)
    past_due_since = models.DateTimeField(_("overdue since"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(period_start=None, period_end=None, anchor=None)
                | Q(period_start__isnull=False, anchor__isnull=False, period_end__gt=F("period_start")),
                name="a_period_has_an_anchor_and_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(state="past_due") ^ Q(past_due_since=None),
                name="an_overdue_membership_says_since_when",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["expired", "cancelled"]) ^ Q(ended_at=None),
                name="an_ended_membership_says_since_when",
            ),
        ]
        indexes = [
            models.Index(
                fields=["period_end"],
                condition=Q(state__in=["active", "trialing"]),
                name="memberships_by_period_end",
            ),
            models.Index(
                fields=["trial_end"], condition=Q(state="trialing"), name="memberships_by_trial_end"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer} #{self.pk}"

    @property
    def interval(self) -> Interval:
        return Interval(unit=Unit(self.interval_unit), count=self.interval_count)

    @property
    def period(self) -> Period | None:
        """The running paid period, half-open, in UTC; None for a free membership."""
        if self.period_start is None or self.period_end is None:
            return None
        return Period(start=self.period_start, end=self.period_end)

    def lock(self) -> None:
        """Re-read this membership, and who pays for it, under `FOR UPDATE`. Must run in a transaction."""
        locked = Membership.objects.select_related("customer__user").select_for_update(of=("self",))
        self.refresh_from_db(from_queryset=locked)

    @transaction.atomic
    def move(
        self,
        to: "Membership.State",
        *,
        now: datetime,
        since: datetime | None = None,
        actor: User | None = None,
        reason: str = "",
    ) -> bool:
        """Lock, check, move to state `to`, record it and tell the sites. False when it is there already.

        `since` says from when on an ended membership is over, `now` if it is None. Raises TransitionNotAllowed when
        the move is not in `MOVES`.
        """
        self.lock()
        if self.state == to:
            return False
        came_from = self.state
        if to not in self.MOVES[came_from]:
            raise TransitionNotAllowed(came_from=came_from, to=to)
        self.state = to
        self.past_due_since = now if to == self.State.PAST_DUE else None
        self.ended_at = (self.ended_at or since or now) if to in self.ENDED else None
        if to == self.State.ACTIVE and self.activated_at is None:
            self.activated_at = now
        if to != self.State.PAST_DUE:  # a late payment changes neither what is had nor what it costs
            self.revision += 1
        self.save(update_fields=["state", "past_due_since", "ended_at", "activated_at", "revision"])
        self.transitions.create(kind=to, came_from=came_from, went_to=to, at=now, actor=actor, reason=reason)
        transaction.on_commit(
            partial(entitlements_changed.send_robust, Membership, membership_id=self.pk, now=now)
        )
        return True


class Transition(models.Model):
    """One thing that happened to a membership: a move between states, or a change of what it holds. Append-only."""

    membership = models.ForeignKey(
        Membership, verbose_name=_("membership"), on_delete=models.PROTECT, related_name="transitions"
    )
    kind = models.CharField(_("what"), max_length=30)
    came_from = models.CharField(_("from"), max_length=80, blank=True)
    went_to = models.CharField(_("to"), max_length=240, blank=True)
    at = models.DateTimeField(_("at"))
    actor = models.ForeignKey(
        User, verbose_name=_("by"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    reference = models.CharField(_("reference"), max_length=80, blank=True)
    reason = models.CharField(_("reason"), max_length=240, blank=True)

    class Meta:
        verbose_name = _("transition")
        verbose_name_plural = _("transitions")
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["membership", "reference", "kind"],
                condition=~Q(reference=""),
                name="a_reference_changes_a_membership_once",
            )
        ]
        indexes = [
            models.Index(fields=["at"], condition=Q(came_from="trialing"), name="transitions_out_of_trials")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.came_from} → {self.went_to}"

    @property
    def headline(self) -> str:
        """What happened, in the active language."""
        states = dict(Membership.State.choices)
        if self.kind in states:
            return f"{states.get(self.came_from, self.came_from)} → {states[self.kind]}"
        if self.kind in HEADLINES:
            return headline(kind=self.kind, came_from=self.came_from, went_to=self.went_to)
        return self.kind.replace("_", " ").capitalize()
