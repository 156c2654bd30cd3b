"""What was set at the desk, in place of what the environment says."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User

DAYS_AT_MOST = 3650


class EmailConfirmation(models.TextChoices):
    OPTIONAL = "optional", _("Goes on at once (optional)")
    MANDATORY = "mandatory", _("Is not let in (mandatory)")


class NetworkSettings(models.Model):
    """One row. A column is named as the setting is in the environment, in lower case; NULL is the environment's value,
    and not the same as empty."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    version = models.PositiveIntegerField(_("version"), default=0)
    """Counts the changes, so that who saw an older one is told."""
    changed_at = models.DateTimeField(_("changed"))
    changed_by = models.ForeignKey(User, verbose_name=_("by"), on_delete=models.PROTECT, related_name="+")

    network_name = models.CharField(_("name of the network"), max_length=60, null=True)  # noqa: DJ001 -- see above
    seller_name = models.CharField(_("seller"), max_length=120, null=True)  # noqa: DJ001 -- see above
    seller_address = models.TextField(_("seller’s address"), null=True)  # noqa: DJ001 -- see above
    seller_country = models.CharField(_("seller’s country"), max_length=2, null=True)  # noqa: DJ001 -- see above
    seller_vat_number = models.CharField(_("seller’s VAT number"), max_length=20, null=True)  # noqa: DJ001 -- see above
    seller_iban = models.CharField(_("IBAN"), max_length=34, null=True)  # noqa: DJ001 -- see above
    seller_bic = models.CharField(_("BIC"), max_length=11, null=True)  # noqa: DJ001 -- see above
    transfer_lifetime_days = models.PositiveSmallIntegerField(_("days to pay by transfer"), null=True)
    trials_need_a_card = models.BooleanField(_("trials need a card"), null=True)
    undo_hours = models.PositiveSmallIntegerField(_("hours to undo an upgrade"), null=True)
    dunning_days = ArrayField(
        models.PositiveSmallIntegerField(), verbose_name=_("days of dunning"), null=True
    )
    expire_after_days = models.PositiveSmallIntegerField(_("days until it expires"), null=True)
    grace_days = models.PositiveSmallIntegerField(_("days of grace"), null=True)
    spare_sites = models.PositiveSmallIntegerField(_("spare sites"), null=True)
    recycle_days = models.PositiveSmallIntegerField(_("days in the recycle bin"), null=True)
    domain_quarantine_days = models.PositiveSmallIntegerField(_("days a domain rests"), null=True)
    staff_need_second_factor = models.BooleanField(_("staff need a second factor"), null=True)
    email_confirmation = models.CharField(  # noqa: DJ001 -- see above
        _("confirmation of addresses"), max_length=9, choices=EmailConfirmation, null=True
    )

    class Meta:
        verbose_name = _("network settings")
        verbose_name_plural = _("network settings")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="network_settings_are_one_row")]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)
