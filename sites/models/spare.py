from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class SpareSchema(models.Model):
    """A schema that was built ahead and proven, for whoever comes next. The row and its schema are committed together
    and given away together."""

    schema_name = models.CharField(_("schema"), max_length=63, unique=True)
    fingerprint = models.CharField(
        _("made of"), max_length=64, help_text=_("The migrations and the first content it was built by.")
    )
    built_at = models.DateTimeField(_("built"))

    class Meta:
        verbose_name = _("spare site")
        verbose_name_plural = _("spare sites")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(schema_name__regex=r"^spare_[0-9a-f]{32}$"), name="a_spare_belongs_to_no_site"
            ),
        ]

    def __str__(self) -> str:
        return self.schema_name
