import uuid
from datetime import datetime, timedelta
from typing import Any, Final, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from sites.models.site import Site

INVITATION_LIFETIME: Final = timedelta(days=7)


class Role(models.TextChoices):
    """What somebody may do in a site's dashboard."""

    OWNER = "owner", _("Owner")
    EDITOR = "editor", _("Editor")
    WRITER = "writer", _("Writer")


class SiteMemberQuerySet(models.QuerySet["SiteMember"]):
    def of(self, site: Site) -> Self:
        """Who takes a place in `site` beside the owner of its membership, the first invited first."""
        return self.filter(site=site, removed_at=None).order_by("id")

    def waiting(self) -> Self:
        """Invited, and not here yet."""
        return self.filter(accepted_at=None, removed_at=None)

    def working(self, user: Any) -> Self:
        """The places that `user` has taken."""
        return self.filter(user=user, removed_at=None)


class SiteMember(models.Model):
    """Somebody who works on a site beside the owner of its membership: invited by mail, then with an account.

    A place in the limit `users` is taken from the invitation until the removal. Of the link in the mail only the
    token's SHA-256 is kept.
    """

    uid = models.UUIDField(_("identifier"), default=uuid.uuid4, unique=True, editable=False)
    site = models.ForeignKey(Site, verbose_name=_("site"), on_delete=models.CASCADE, related_name="members")
    email = models.EmailField(_("e-mail address"))
    role = models.CharField(_("role"), max_length=10, choices=Role)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    token_hash = models.CharField(_("token hash"), max_length=64, blank=True, editable=False)
    invited_at = models.DateTimeField(_("invited"))
    sent_at = models.DateTimeField(_("invitation sent"), null=True, blank=True)
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True)
    removed_at = models.DateTimeField(_("removed"), null=True, blank=True)

    objects = SiteMemberQuerySet.as_manager()

    class Meta:
        verbose_name = _("person of a site")
        verbose_name_plural = _("people of sites")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["site", "email"],
                condition=Q(removed_at=None),
                name="an_address_is_invited_to_a_site_once",
            ),
            models.UniqueConstraint(
                fields=["site", "user"], condition=Q(removed_at=None), name="an_account_works_on_a_site_once"
            ),
            models.UniqueConstraint(
                fields=["token_hash"], condition=~Q(token_hash=""), name="an_invitation_has_its_own_token"
            ),
            models.CheckConstraint(
                condition=Q(email=Lower("email")), name="an_invited_address_is_lower_case"
            ),
            models.CheckConstraint(
                condition=Q(user=None, accepted_at=None) | Q(user__isnull=False, accepted_at__isnull=False),
                name="who_has_accepted_is_known",
            ),
        ]

    def __str__(self) -> str:
        return self.email

    def has_run_out(self, *, at: datetime) -> bool:
        """Whether the link in the mail leads nowhere any more."""
        return (
            self.accepted_at is None and self.sent_at is not None and at >= self.sent_at + INVITATION_LIFETIME
        )
