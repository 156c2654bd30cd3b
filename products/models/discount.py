import uuid
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from products.models.product import Product


class DiscountQuerySet(models.QuerySet["Discount"]):
    def on_offer(self, *, at: datetime) -> Self:
        """Codes that can be entered at `at`, as far as the code alone decides; caps are counted where uses are."""
        return self.filter(is_active=True).filter(
            Q(starts_at=None) | Q(starts_at__lte=at), Q(ends_at=None) | Q(ends_at__gt=at)
        )

    def named(self, code: str) -> Self:
        """The code as people type it: spaces around it and small letters do not matter."""
        return self.filter(code=code.strip().upper())


class DiscountBatch(models.Model):
    """Codes that were made together, by one set of rules, for one use each or a few."""

    uid = models.UUIDField(_("identifier"), default=uuid.uuid4, unique=True, editable=False)
    prefix = models.CharField(_("prefix"), max_length=20)
    size = models.PositiveIntegerField(_("codes"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("made by"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("batch of codes")
        verbose_name_plural = _("batches of codes")
        ordering = ["-id"]
        constraints = [models.CheckConstraint(condition=Q(size__gte=1), name="a_batch_has_codes")]

    def __str__(self) -> str:
        return f"{self.prefix} ({self.created_at:%Y-%m-%d})"


class Discount(models.Model):
    """A code that takes a percentage, or an amount in minor units, off what it is entered for.

    These are the rules for entering it from now on. Who has entered it keeps what they were promised: see
    `memberships.DiscountUse`.
    """

    SPELLING = r"^[A-Z0-9][A-Z0-9_-]{0,39}$"

    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(
        _("name"), max_length=120, blank=True, help_text=_("For you; customers see the code.")
    )
    percent = models.DecimalField(_("percent"), max_digits=7, decimal_places=4, null=True, blank=True)
    amount = models.PositiveBigIntegerField(
        _("amount"), null=True, blank=True, help_text=_("In minor units, off each order.")
    )
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    periods = models.PositiveSmallIntegerField(
        _("periods"),
        null=True,
        blank=True,
        help_text=_("For how many full-price periods; empty: for as long as the membership goes on."),
    )
    products = models.ManyToManyField(
        Product,
        verbose_name=_("only for"),
        blank=True,
        related_name="discounts",
        help_text=_("None: for everything."),
    )
    covers_setup_fee = models.BooleanField(_("setup fees too"), default=False)
    starts_at = models.DateTimeField(_("from"), null=True, blank=True)
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)
    most_uses = models.PositiveIntegerField(_("uses in total"), null=True, blank=True)
    most_uses_per_customer = models.PositiveIntegerField(
        _("uses per customer"), null=True, blank=True, default=1
    )
    is_active = models.BooleanField(_("active"), default=True)
    batch = models.ForeignKey(
        DiscountBatch,
        verbose_name=_("batch"),
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="codes",
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now)  # noqa: TID251 -- a column's default

    objects = DiscountQuerySet.as_manager()

    class Meta:
        verbose_name = _("discount code")
        verbose_name_plural = _("discount codes")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(code__regex=r"^[A-Z0-9][A-Z0-9_-]*$"), name="a_code_is_capitals_and_digits"
            ),
            models.CheckConstraint(
                condition=Q(percent=None) ^ Q(amount=None), name="a_discount_is_a_percentage_or_an_amount"
            ),
            models.CheckConstraint(
                condition=Q(percent=None) | Q(percent__gt=0, percent__lte=100),
                name="a_discount_takes_off_at_most_all",
            ),
            models.CheckConstraint(
                condition=Q(amount=None, currency="") | Q(amount__gt=0, currency__regex=r"^[A-Z]{3}$"),
                name="a_discount_amount_has_its_currency",
            ),
            models.CheckConstraint(
                condition=Q(periods=None) | Q(periods__gte=1), name="a_discount_lasts_at_least_a_period"
            ),
            models.CheckConstraint(
                condition=Q(starts_at=None) | Q(ends_at=None) | Q(ends_at__gt=F("starts_at")),
                name="a_discount_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return self.code
