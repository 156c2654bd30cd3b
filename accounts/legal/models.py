"""What the network says about itself and asks people to agree to, and who agreed to what."""

from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _


class LegalTextQuerySet(models.QuerySet["LegalText"]):
    def of_version(self, kind: str, *, on: date) -> Self:
        """The version of `kind` that is in force on that day, in each language it was written in: none or several.

        A version is a day. A language that the newest version is not written in has none, rather than an old one.
        """
        newest = self.filter(kind=kind, in_force_from__lte=on).order_by("-in_force_from")
        return self.filter(kind=kind, in_force_from=newest.values("in_force_from")[:1])


class LegalText(models.Model):
    """One version of a text in one language, in force from a day on until the next version."""

    class Kind(models.TextChoices):
        TERMS = "terms", _("Terms of service")
        PRIVACY = "privacy", _("Privacy")
        IMPRINT = "imprint", _("Imprint")

    kind = models.CharField(_("text"), max_length=10, choices=Kind)
    language = models.CharField(_("language"), max_length=12)
    in_force_from = models.DateField(
        _("in force from"), help_text=_("The same day in every language: that is what makes it one version.")
    )
    body = models.TextField(
        _("wording"),
        help_text=_(
            "Plain text. An empty line begins a new paragraph, “## ” a heading, “- ” an entry of a list. Addresses of"
            " pages and of mail become links."
        ),
    )

    objects = LegalTextQuerySet.as_manager()

    class Meta:
        verbose_name = _("legal text")
        verbose_name_plural = _("legal texts")
        ordering = ["kind", "-in_force_from", "language"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "in_force_from", "language"],
                name="a_legal_text_has_one_wording_per_language_and_day",
                violation_error_message=_(
                    "There is a wording of this text in this language from this day on already."
                ),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.language}, {date_format(self.in_force_from)}"


class Acceptance(models.Model):
    """Somebody agreed to a text as it was worded. Written once, never changed."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        on_delete=models.DO_NOTHING,  # sites have users too, and no such table to look into; here the database refuses
        related_name="acceptances",
    )
    text = models.ForeignKey(
        LegalText, verbose_name=_("text"), on_delete=models.PROTECT, related_name="acceptances"
    )
    accepted_at = models.DateTimeField(_("accepted"))

    class Meta:
        verbose_name = _("acceptance")
        verbose_name_plural = _("acceptances")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["user", "text"], name="somebody_accepts_a_legal_text_once")
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.text}"
