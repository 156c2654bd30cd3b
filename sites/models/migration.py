from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sites.models.site import Site


class SiteMigration(models.Model):
    """How a site's schema stands to the migrations, as the last `migrate_sites` left it."""

    class State(models.TextChoices):
        RUNNING = "running", _("Under way")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    site = models.OneToOneField(
        Site, verbose_name=_("site"), on_delete=models.CASCADE, related_name="migration"
    )
    heads = models.CharField(
        _("migrations"), max_length=64, blank=True, help_text=_("What it was last brought to.")
    )
    state = models.CharField(_("state"), max_length=8, choices=State)
    error = models.TextField(_("error"), blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    seconds = models.FloatField(_("seconds"), null=True, blank=True)
    started_at = models.DateTimeField(_("started"))
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("site's migration")
        verbose_name_plural = _("sites' migrations")
        ordering = ["-started_at", "site"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="running") ^ Q(finished_at__isnull=False),
                name="a_migration_is_under_way_or_finished",
            ),
            models.CheckConstraint(
                condition=Q(state="failed") ^ Q(error=""), name="a_migration_that_failed_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.site_id} ({self.get_state_display()})"
