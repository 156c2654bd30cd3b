from django.db import models
from django.utils.translation import gettext_lazy as _

from memberships.models.membership import Membership


class Notice(models.Model):
    """A mail about a membership, recorded so that it goes out once per reference."""

    membership = models.ForeignKey(
        Membership, verbose_name=_("membership"), on_delete=models.PROTECT, related_name="notices"
    )
    kind = models.CharField(_("kind"), max_length=40)
    reference = models.CharField(_("reference"), max_length=80)
    to = models.EmailField(_("to"))
    facts = models.JSONField(
        _("facts"), default=dict, blank=True, help_text=_("What the mail says that no other row keeps.")
    )
    subject = models.CharField(_("subject"), max_length=200, blank=True)
    body = models.TextField(_("text"), blank=True, help_text=_("As it was sent."))
    created_at = models.DateTimeField(_("created"))
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["membership", "kind", "reference"], name="a_notice_is_sent_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.subject}"
