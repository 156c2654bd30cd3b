from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from memberships.models.membership import Membership


class Notice(models.Model):
    """A mail about a membership, recorded so that it goes out once per reference.

    `next_try_at` is when it is to be sent, or sent again after a failure; without it and unsent, it was given up. One
    that `repeats` another says the same once more, because `actor` asked for it.
    """

    membership = models.ForeignKey(
        Membership, verbose_name=_("membership"), on_delete=models.PROTECT, related_name="notices"
    )
    kind = models.CharField(_("kind"), max_length=40)
    reference = models.CharField(_("reference"), max_length=80)
    to = models.EmailField(_("to"))
    facts = models.JSONField(
        _("facts"), default=dict, blank=True, help_text=_("What the mail says that no other row keeps.")
    )
    repeats = models.ForeignKey(
        "self",
        verbose_name=_("repeats"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="repetitions",
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("asked for by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    subject = models.CharField(_("subject"), max_length=200, blank=True)
    body = models.TextField(_("text"), blank=True, help_text=_("As it was sent."))
    created_at = models.DateTimeField(_("created"))
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    tries = models.PositiveSmallIntegerField(_("failed tries"), default=0)
    next_try_at = models.DateTimeField(_("next try"), null=True, blank=True)
    error = models.CharField(_("error"), max_length=400, blank=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["membership", "kind", "reference"], name="a_notice_is_sent_once"),
            models.CheckConstraint(
                condition=Q(sent_at=None) | Q(next_try_at=None), name="a_sent_notice_is_not_tried_again"
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at"], condition=Q(next_try_at__isnull=False), name="notices_to_send"
            )
        ]

    def __str__(self) -> str:
        return self.subject or self.kind
