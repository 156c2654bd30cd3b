from django.db import models
from django.utils.translation import gettext_lazy as _


class Parked(models.Model):
    """One thing of this site that is put away, because there is no room for it within its limit.

    It is unchanged but for not being published, does not count as used, and comes back as it was.
    """

    kind = models.CharField(_("kind"), max_length=30)
    object_id = models.PositiveBigIntegerField(_("object"))
    was_live = models.BooleanField(_("was published"))
    parked_at = models.DateTimeField(_("parked"))

    class Meta:
        verbose_name = _("parked")
        verbose_name_plural = _("parked")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "object_id"], name="a_thing_is_parked_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.object_id}"
