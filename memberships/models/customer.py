import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Customer(models.Model):
    """Who pays. One login user is at most one customer."""

    uid = models.UUIDField(_("identifier"), default=uuid.uuid4, unique=True, editable=False)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, verbose_name=_("user"), on_delete=models.PROTECT, related_name="customer"
    )
    company = models.CharField(_("company"), max_length=120, blank=True)
    address = models.TextField(_("address"), blank=True)
    country = models.CharField(
        _("country"), max_length=2, blank=True, help_text=_("ISO 3166 code, for example NL.")
    )
    region = models.CharField(
        _("state or province"),
        max_length=10,
        blank=True,
        help_text=_("As the tax rates name it, for example CA. Only where tax depends on it."),
    )
    vat_number = models.CharField(_("VAT number"), max_length=20, blank=True)
    gateway_ref = models.CharField(_("gateway customer"), max_length=80, blank=True, editable=False)
    trial_used = models.BooleanField(_("had a trial"), default=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["gateway_ref"],
                condition=~models.Q(gateway_ref=""),
                name="a_gateway_customer_is_one_customer",
            )
        ]

    def __str__(self) -> str:
        return self.company or str(self.user)
