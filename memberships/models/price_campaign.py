"""A price that members have, replaced for them by a dearer or cheaper one, on a day that they are told of before."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from memberships.models.item import MembershipItem
from memberships.models.membership import Membership
from products.models import Price


class PriceCampaignQuerySet(models.QuerySet["PriceCampaign"]):
    def with_counts(self) -> Self:
        """Annotate how many members `moving` and `keeping` the campaign names."""
        moving = models.Count("members", filter=Q(members__moves=True))
        return self.annotate(moving=moving, keeping=models.Count("members", filter=Q(members__moves=False)))


class PriceCampaign(models.Model):
    """Members of `from_price` come to pay `amount` (minor units) from their first renewal at `starts_at` or later.

    In the making it changes nothing. Published it names `to_price`, the version that the members are moved to and that
    new customers buy. Stopped before its day, everybody keeps what they have.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("In the making")
        PUBLISHED = "published", _("Published")
        STOPPED = "stopped", _("Stopped")

    from_price = models.ForeignKey(
        Price, verbose_name=_("price in use"), on_delete=models.PROTECT, related_name="campaigns_from"
    )
    to_price = models.ForeignKey(
        Price,
        verbose_name=_("new price"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="campaigns_to",
    )
    amount = models.PositiveBigIntegerField(_("new amount"))
    starts_at = models.DateTimeField(
        _("in force from"), help_text=_("Each member pays it from their first renewal on or after this.")
    )
    message = models.TextField(
        _("message to the members"),
        max_length=1000,
        blank=True,
        help_text=_("Stands in the mail, in your words: why the price changes."),
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)
    created_at = models.DateTimeField(_("created"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("created by"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("published by"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    stopped_at = models.DateTimeField(_("stopped"), null=True, blank=True)
    stopped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("stopped by"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    objects = PriceCampaignQuerySet.as_manager()

    class Meta:
        verbose_name = _("price change")
        verbose_name_plural = _("price changes")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["from_price"],
                condition=Q(state="draft"),
                name="a_price_has_one_change_in_the_making",
            ),
            models.CheckConstraint(
                condition=Q(state="draft", to_price=None, published_at=None)
                | Q(to_price__isnull=False, published_at__isnull=False) & ~Q(state="draft"),
                name="a_published_price_change_has_its_price",
            ),
            models.CheckConstraint(
                condition=Q(state="stopped") ^ Q(stopped_at=None),
                name="a_stopped_price_change_says_since_when",
            ),
            models.CheckConstraint(
                condition=Q(published_at=None) | Q(starts_at__gt=F("published_at")),
                name="a_price_change_is_told_before_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_price.product} ({self.from_price})"

    @property
    def reference(self) -> str:
        """How mails and history name it."""
        return f"price-change-{self.pk}"


class CampaignMemberQuerySet(models.QuerySet["CampaignMember"]):
    def to_be_moved(self) -> Self:
        """Those for whom the new price is to come."""
        return self._with_item(next_price=OuterRef("campaign__to_price"))

    def staying(self) -> Self:
        """Those who have the old price, with none to come."""
        return self._with_item(next_price=None)

    def _with_item(self, **has: Any) -> Self:
        items = MembershipItem.objects.live().filter(
            membership=OuterRef("membership"), price=OuterRef("campaign__from_price"), **has
        )
        return self.filter(Exists(items), membership__state__in=CampaignMember.GOING_ON)


class CampaignMember(models.Model):
    """A member whom a price change was made for: who `moves` pays the new price, who does not keeps the old one."""

    GOING_ON = (Membership.State.TRIALING, Membership.State.ACTIVE, Membership.State.PAST_DUE)

    campaign = models.ForeignKey(
        PriceCampaign, verbose_name=_("price change"), on_delete=models.CASCADE, related_name="members"
    )
    membership = models.ForeignKey(
        Membership,
        verbose_name=_("membership"),
        on_delete=models.PROTECT,
        related_name="price_changes",
    )
    moves = models.BooleanField(_("pays the new price"), default=True)

    objects = CampaignMemberQuerySet.as_manager()

    class Meta:
        verbose_name = _("member of a price change")
        verbose_name_plural = _("members of price changes")
        ordering = ["membership_id"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "membership"], name="a_member_is_once_in_a_price_change"
            ),
        ]

    def __str__(self) -> str:
        return str(self.membership)
