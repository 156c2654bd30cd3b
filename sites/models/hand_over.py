from django.db import models
from django.utils.translation import gettext_lazy as _

from sites.models.member import Role
from sites.models.owner_visit import OwnerVisit
from sites.models.site import Site


class HandOver(models.Model):
    """A pass from the network into one site's dashboard: for one person, one site, once, for a minute.

    Only the token's SHA-256 is kept. What the site may know of the person is copied here, so that a site's
    request reads nothing else of the network.
    """

    token_hash = models.CharField(_("token hash"), max_length=64, unique=True)
    site = models.ForeignKey(
        Site, verbose_name=_("site"), on_delete=models.CASCADE, related_name="hand_overs"
    )
    user_uid = models.UUIDField(_("user"))
    email = models.EmailField(_("e-mail address"))
    name = models.CharField(_("name"), max_length=120, blank=True)
    language = models.CharField(_("language"), max_length=12, blank=True)
    role = models.CharField(_("role"), max_length=10, choices=Role, default=Role.OWNER)
    visit = models.ForeignKey(
        OwnerVisit,
        verbose_name=_("visit by staff"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
    )
    created_at = models.DateTimeField(_("created"))
    expires_at = models.DateTimeField(_("expires"))
    used_at = models.DateTimeField(_("used"), null=True, blank=True)

    class Meta:
        verbose_name = _("hand-over")
        verbose_name_plural = _("hand-overs")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("created_at")),
                name="a_hand_over_expires_after_it_is_made",
            ),
        ]
        indexes = [models.Index(fields=["expires_at"], name="hand_overs_by_expiry")]

    def __str__(self) -> str:
        return f"{self.email} → {self.site}"
