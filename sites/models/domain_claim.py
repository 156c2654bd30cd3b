import secrets
import uuid
from datetime import datetime
from typing import Any, Final, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from memberships.models import Membership
from sites.models.site import Site
from sites.policies import domain_names

LABEL_OF_PROOF: Final = "_sitewright"
MARK_OF_PROOF: Final = "sitewright="


def new_token() -> str:
    return secrets.token_hex(16)


class DomainClaimQuerySet(models.QuerySet["DomainClaim"]):
    def owned_by(self, user: Any) -> Self:
        """Those of the memberships that `user` pays for; fetching through this is authorising."""
        return self.filter(membership__customer__user=user)

    def of(self, site: Site) -> Self:
        """What the site has or wants, the oldest first; names that rest are nobody's."""
        return self.filter(site=site).exclude(state=DomainClaim.State.RESTING).order_by("created_at", "id")

    def counted(self) -> Self:
        """What uses up the limit `domains`."""
        return self.filter(state__in=DomainClaim.COUNTED)

    def resting(self, domain: str, *, now: datetime) -> Self:
        """Who may take `domain` back, and for now nobody else."""
        return self.filter(domain=domain, state=DomainClaim.State.RESTING, rests_until__gt=now)


class DomainClaim(models.Model):
    """A name of somebody's own on its way to a site, and after it.

    Claims of several sites to one name wait side by side. A proven one holds the name alone; so does one that
    rests after its removal, until `rests_until`, for its membership. An active one has a row in `Domain`.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting for proof")
        PROVEN = "proven", _("Yours, not leading here yet")
        ACTIVE = "active", _("Active")
        PARKED = "parked", _("Parked")
        RESTING = "resting", _("In quarantine")

    HOLDING = (State.PROVEN, State.ACTIVE, State.PARKED, State.RESTING)
    COUNTED = (State.WAITING, State.PROVEN, State.ACTIVE)

    uid = models.UUIDField(_("identifier"), default=uuid.uuid4, unique=True, editable=False)
    membership = models.ForeignKey(
        Membership, verbose_name=_("membership"), on_delete=models.CASCADE, related_name="+"
    )
    site = models.ForeignKey(
        Site,
        verbose_name=_("site"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="domain_claims",
    )
    domain = models.CharField(_("domain"), max_length=253)
    token = models.CharField(_("token"), max_length=32, default=new_token, editable=False)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WAITING)
    held_elsewhere = models.BooleanField(_("proven, but held by another site"), default=False)
    seen = models.JSONField(_("seen in the DNS"), default=dict, blank=True)
    check_asked_at = models.DateTimeField(_("check asked for"), null=True, blank=True)
    checked_at = models.DateTimeField(_("checked"), null=True, blank=True)
    created_at = models.DateTimeField(_("claimed"))
    proven_at = models.DateTimeField(_("proven"), null=True, blank=True)
    active_at = models.DateTimeField(_("active since"), null=True, blank=True)
    rests_until = models.DateTimeField(_("in quarantine until"), null=True, blank=True)

    objects = DomainClaimQuerySet.as_manager()

    class Meta:
        verbose_name = _("claim to a domain")
        verbose_name_plural = _("claims to domains")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["domain"],
                condition=Q(state__in=["proven", "active", "parked", "resting"]),
                name="a_proven_name_has_one_holder",
            ),
            models.UniqueConstraint(
                fields=["site", "domain"],
                condition=~Q(state="resting"),
                name="a_site_claims_a_name_once",
            ),
            models.CheckConstraint(condition=Q(domain=Lower("domain")), name="a_claimed_name_is_lower_case"),
            models.CheckConstraint(
                condition=Q(state="resting") ^ Q(rests_until__isnull=True),
                name="a_name_in_quarantine_says_until_when",
            ),
            models.CheckConstraint(
                condition=Q(state="resting") | Q(site__isnull=False),
                name="only_a_name_in_quarantine_has_no_site",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "resting"]) | Q(proven_at__isnull=False),
                name="a_held_name_was_proven_once",
            ),
        ]
        indexes = [models.Index(fields=["state", "checked_at"], name="claims_by_state_and_check")]

    def __str__(self) -> str:
        return domain_names.as_people_write(self.domain)

    @property
    def proof_name(self) -> str:
        """Where the TXT record belongs."""
        return f"{LABEL_OF_PROOF}.{self.domain}"

    @property
    def proof_value(self) -> str:
        """What the TXT record says."""
        return f"{MARK_OF_PROOF}{self.token}"

    @property
    def is_being_checked(self) -> bool:
        """Whether somebody asked for a look at the DNS that has not been taken yet."""
        asked, checked = self.check_asked_at, self.checked_at
        return asked is not None and (checked is None or checked < asked)
