import uuid
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from products.models.plan_group import PlanGroup
from products.models.tax_rate import TaxRate


class ProductQuerySet(models.QuerySet["Product"]):
    def on_sale(self) -> Self:
        return self.filter(is_active=True)

    def plans(self) -> Self:
        return self.filter(type=Product.Type.PLAN)

    def family_of(self, plan: "Product") -> Self:
        """The plans of `plan`'s group; for a plan without a group, the plans without one."""
        return self.plans().filter(group=plan.group_id) if plan.group_id else self.plans().filter(group=None)


class Product(models.Model):
    """Something sold: a plan (the base of a membership), a package (adds to limits) or a service (work we do)."""

    class Type(models.TextChoices):
        PLAN = "plan", _("Plan")
        PACKAGE = "package", _("Package")
        SERVICE = "service", _("Service")

    uid = models.UUIDField(_("identifier"), default=uuid.uuid4, unique=True, editable=False)
    type = models.CharField(_("type"), max_length=10, choices=Type, default=Type.PLAN)
    code = models.SlugField(
        _("code"),
        max_length=60,
        unique=True,
        help_text=_("Short and lasting; prices, links and logs name it."),
    )
    name = models.CharField(_("name"), max_length=80)
    description = models.CharField(_("description"), max_length=240, blank=True)
    is_active = models.BooleanField(
        _("active"),
        default=True,
        help_text=_("Only active products are offered. Members keep what they have."),
    )
    is_recommended = models.BooleanField(
        _("recommended"),
        default=False,
        help_text=_("The pricing page marks this plan among those of its group."),
    )
    group = models.ForeignKey(
        PlanGroup,
        verbose_name=_("plan group"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="plans",
    )
    rank = models.PositiveSmallIntegerField(
        _("rank"), default=10, help_text=_("Position in the plan group, low to high.")
    )
    tax_rate = models.ForeignKey(
        TaxRate,
        verbose_name=_("tax rate"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="products",
    )
    addons = models.ManyToManyField(
        "self",
        verbose_name=_("available packages and services"),
        symmetrical=False,
        blank=True,
        related_name="available_with",
        limit_choices_to={"type__in": ["package", "service"]},
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = ProductQuerySet.as_manager()

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering = ["type", "rank", "name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(group=None) | models.Q(type="plan"),
                name="only_plans_belong_to_a_plan_group",
            ),
            models.CheckConstraint(
                condition=models.Q(is_recommended=False) | models.Q(type="plan"),
                name="only_plans_are_recommended",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_plan(self) -> bool:
        return self.type == Product.Type.PLAN
