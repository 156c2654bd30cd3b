import uuid
from datetime import datetime
from pathlib import Path
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sites.models.site import Site


class SiteJobQuerySet(models.QuerySet["SiteJob"]):
    def unfinished(self, *, asked_before: datetime) -> Self:
        return self.filter(finished_at=None, asked_at__lte=asked_before).order_by("pk")


class SiteJob(models.Model):
    """Something long that a network admin, or the owner, asked to be done with a site."""

    class Kind(models.TextChoices):
        EXPORT = "export", _("Export")
        RESTORE = "restore", _("Restore")
        CLONE = "clone", _("Clone")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Under way")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    uid = models.UUIDField(_("identifier"), default=uuid.uuid4, unique=True, editable=False)
    site = models.ForeignKey(Site, verbose_name=_("site"), on_delete=models.CASCADE, related_name="jobs")
    kind = models.CharField(_("what"), max_length=8, choices=Kind)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WAITING)
    archive = models.CharField(_("archive"), max_length=255, blank=True)
    name = models.CharField(_("name of the copy"), max_length=80, blank=True)
    slug = models.CharField(_("address of the copy"), max_length=40, blank=True)
    asked_by = models.EmailField(_("asked for by"))
    asked_at = models.DateTimeField(_("asked for"))
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    error = models.TextField(_("error"), blank=True)

    objects = SiteJobQuerySet.as_manager()

    class Meta:
        verbose_name = _("job on a site")
        verbose_name_plural = _("jobs on sites")
        ordering = ["-asked_at", "-pk"]
        permissions = [("care_for_sites", _("Can export, restore, clone and delete sites"))]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["done", "failed"]) ^ Q(finished_at__isnull=True),
                name="a_job_is_finished_or_under_way",
            ),
            models.CheckConstraint(
                condition=Q(state="failed") ^ Q(error=""), name="a_job_that_failed_says_why"
            ),
            models.UniqueConstraint(
                fields=["site"], condition=Q(finished_at=None), name="a_site_has_one_job_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.get_state_display()})"

    @property
    def path(self) -> Path:
        """Where its archive lies, if it has one."""
        return Path(settings.ARCHIVE_ROOT) / self.archive
