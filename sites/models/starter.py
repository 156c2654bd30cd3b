from collections.abc import Iterable

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from products.models import Product
from sites.models.site import Site


class StarterQuerySet(models.QuerySet["Starter"]):
    def offered(self) -> "StarterQuerySet":
        """Those that people may begin with: a site that is ready stands behind each."""
        return self.filter(is_offered=True, site__state=Site.State.READY)

    def of_plans(self, plans: Iterable[int]) -> "StarterQuerySet":
        """Those that one of the plans with these ids names; all, where they name none."""
        named = Starter.plans.through.objects.filter(product__in=plans)
        return self.filter(Exists(named.filter(starter=OuterRef("pk"))) | ~Exists(named))


class Starter(models.Model):
    """A site that others begin as: they get its content and its media, and their own name where it says so."""

    site = models.OneToOneField(
        Site, verbose_name=_("site"), on_delete=models.CASCADE, related_name="as_starter"
    )
    name = models.CharField(_("name"), max_length=80, help_text=_("What people choose it by."))
    description = models.CharField(_("description"), max_length=200, blank=True)
    is_offered = models.BooleanField(_("offered"), default=True)
    is_default = models.BooleanField(
        _("default"), default=False, help_text=_("What a new site begins as when nobody chose anything.")
    )

    plans = models.ManyToManyField(
        Product,
        verbose_name=_("only with the plans"),
        blank=True,
        related_name="starters",
        limit_choices_to={"type": Product.Type.PLAN},
        help_text=_("A plan that names no starter sites offers all of them."),
    )

    objects = StarterQuerySet.as_manager()

    class Meta:
        verbose_name = _("starter site")
        verbose_name_plural = _("starter sites")
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="new_sites_begin_as_one_starter"
            ),
        ]

    def __str__(self) -> str:
        return self.name
