from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sites.models.site import Site


class RetiredSchemaQuerySet(models.QuerySet["RetiredSchema"]):
    def due(self, *, at: datetime) -> Self:
        return self.filter(erased_at=None, erase_after__lte=at).order_by("pk")


class RetiredSchema(models.Model):
    """A schema, with its files, that no site shows any more: what it was, until when it is kept, when it was erased.

    The row stays as the record. It names its site by what that was called, since the site itself may be erased.
    """

    class Reason(models.TextChoices):
        REPLACED = "replaced", _("Replaced by other content")
        ERASED = "erased", _("Its site was erased")
        UNFINISHED = "unfinished", _("Being filled")

    schema_name = models.CharField(_("schema"), max_length=63, unique=True)
    reason = models.CharField(_("reason"), max_length=10, choices=Reason)
    site_uid = models.UUIDField(_("site's identifier"))
    site_name = models.CharField(_("site"), max_length=80)
    host = models.CharField(_("address"), max_length=253)
    retired_at = models.DateTimeField(_("retired"))
    erase_after = models.DateTimeField(_("erased not before"))
    erased_at = models.DateTimeField(_("erased"), null=True, blank=True)
    files = models.PositiveBigIntegerField(_("files erased"), default=0)
    bytes = models.PositiveBigIntegerField(_("bytes of files erased"), default=0)

    objects = RetiredSchemaQuerySet.as_manager()

    class Meta:
        verbose_name = _("retired schema")
        verbose_name_plural = _("retired schemas")
        ordering = ["-retired_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(schema_name__regex=r"^site_[0-9a-f]{32}$"), name="only_a_sites_schema_is_retired"
            ),
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True) | Q(erased_at__gte=models.F("erase_after")),
                name="nothing_is_erased_before_its_time",
            ),
        ]
        indexes = [
            models.Index(fields=["erase_after"], condition=Q(erased_at=None), name="schemas_to_be_erased")
        ]

    def __str__(self) -> str:
        return f"{self.site_name} ({self.get_reason_display()})"

    @classmethod
    def of(
        cls, site: Site, *, schema_name: str, reason: Reason, retired_at: datetime, erase_after: datetime
    ) -> Self:
        """A row, not saved yet, for a schema of `site`."""
        return cls(
            schema_name=schema_name,
            reason=reason,
            site_uid=site.uid,
            site_name=site.name,
            host=site.host,
            retired_at=retired_at,
            erase_after=erase_after,
        )
