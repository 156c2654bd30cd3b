from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from products.limits import Kind
from products.models.product import Product

LABELS = {
    Kind.SITES: _("Sites"),
    Kind.POSTS: _("Posts"),
    Kind.PAGES: _("Pages"),
    Kind.DISK: _("Disk space"),
    Kind.VISITS: _("Visits per month"),
    Kind.USERS: _("Users"),
    Kind.DOMAINS: _("Custom domains"),
    Kind.CUSTOM_CSS: _("Custom CSS"),
    Kind.CONTACT_FORMS: _("Contact forms"),
    Kind.NO_FOOTER_CREDIT: _("No footer credit"),
}


class ProductLimit(models.Model):
    """One row per kind a product allows. No row: not allowed. An empty amount: unlimited."""

    product = models.ForeignKey(
        Product, verbose_name=_("product"), on_delete=models.CASCADE, related_name="limits"
    )
    kind = models.CharField(_("limit"), max_length=30, choices=[(kind.value, LABELS[kind]) for kind in Kind])
    amount = models.PositiveBigIntegerField(
        _("amount"), null=True, blank=True, help_text=_("Empty means unlimited. Disk space is in bytes.")
    )

    class Meta:
        verbose_name = _("limit")
        verbose_name_plural = _("limits")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["product", "kind"], name="a_product_has_one_limit_per_kind"),
            models.CheckConstraint(
                condition=~Q(kind__in=[kind.value for kind in Kind if kind.is_switch]) | Q(amount=None),
                name="a_feature_is_on_or_off_and_has_no_amount",
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()
