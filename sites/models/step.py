from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sites.models.site import Site


class ProvisioningStep(models.Model):
    """One step on the way to a ready site. Its work and the word that it is done are committed together."""

    class Name(models.TextChoices):
        """Each step, in the words of the site's owner."""

        SCHEMA = "schema", _("Room for your content")
        LIMITS = "limits", _("What your plan allows")
        OWNER = "owner", _("Your way in")
        CONTENT = "content", _("The first pages")
        DOMAIN = "domain", _("The address")
        PROOF = "proof", _("A look at the finished site")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    site = models.ForeignKey(Site, verbose_name=_("site"), on_delete=models.CASCADE, related_name="steps")
    name = models.CharField(_("step"), max_length=20, choices=Name)
    position = models.PositiveSmallIntegerField(_("position"))
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    seconds = models.FloatField(_("seconds"), null=True, blank=True)
    error = models.TextField(_("error"), blank=True)

    class Meta:
        verbose_name = _("provisioning step")
        verbose_name_plural = _("provisioning steps")
        ordering = ["site", "position"]
        constraints = [
            models.UniqueConstraint(fields=["site", "name"], name="a_site_takes_each_step_once"),
            models.CheckConstraint(
                condition=Q(state="done") ^ Q(finished_at__isnull=True), name="a_finished_step_is_done"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.get_state_display()})"
