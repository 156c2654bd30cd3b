from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from sites.models.site import Site
from sites.models.starter import Starter


class ContentSwitchQuerySet(models.QuerySet["ContentSwitch"]):
    def waiting(self) -> Self:
        return self.filter(state=ContentSwitch.State.WAITING)

    def failed_last(self) -> Self:
        """The last change of each site, where it failed."""
        newer = ContentSwitch.objects.filter(site=OuterRef("site"), pk__gt=OuterRef("pk"))
        return self.filter(~Exists(newer), state=ContentSwitch.State.FAILED)

    def with_old_content(self) -> Self:
        """Those whose old content is kept and has not been put back."""
        return self.filter(state=ContentSwitch.State.DONE, erased_at=None, put_back_at=None)

    def to_put_back(self, *, at: datetime) -> Self:
        return self.with_old_content().filter(kept_until__gt=at).order_by("-finished_at", "-pk")


class ContentSwitch(models.Model):
    """A site's change to other content: made in a schema of its own, shown when that is proven, the old one kept a
    while. Without a starter it is the way back to content that was kept. One that failed is over; ask anew."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        FAILED = "failed", _("Failed")
        DONE = "done", _("Done")

    site = models.ForeignKey(
        Site, verbose_name=_("site"), on_delete=models.CASCADE, related_name="content_switches"
    )
    starter = models.ForeignKey(
        Starter, verbose_name=_("starter site"), on_delete=models.SET_NULL, null=True, blank=True
    )
    starter_name = models.CharField(_("name"), max_length=80, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WAITING)
    new_schema = models.CharField(_("schema of the new content"), max_length=63)
    old_schema = models.CharField(_("schema of the old content"), max_length=63, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    error = models.TextField(_("error"), blank=True)
    asked_at = models.DateTimeField(_("asked for"))
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    kept_until = models.DateTimeField(_("old content kept until"), null=True, blank=True)
    put_back_at = models.DateTimeField(_("old content put back"), null=True, blank=True)
    erased_at = models.DateTimeField(_("old content erased"), null=True, blank=True)

    objects = ContentSwitchQuerySet.as_manager()

    class Meta:
        verbose_name = _("change of content")
        verbose_name_plural = _("changes of content")
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["site"],
                condition=Q(state="waiting"),
                name="a_site_changes_its_content_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state="done", finished_at__isnull=False, kept_until__isnull=False)
                & ~Q(old_schema="")
                | ~Q(state="done") & Q(finished_at__isnull=True, kept_until__isnull=True, old_schema=""),
                name="a_finished_change_of_content_says_what_it_keeps",
            ),
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True) | Q(put_back_at__isnull=True),
                name="content_that_was_put_back_is_not_erased",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.site}: {self.starter_name or _('the content of before')}"
