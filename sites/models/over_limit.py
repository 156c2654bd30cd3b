"""More than is allowed: what the network decided, what the customer chose, and where it is so."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from products.limits import Kind
from products.models.limit import LABELS
from sites.models.site import Site
from sites.policies.over_limit import Policy

KINDS = [(kind.value, LABELS[kind]) for kind in Kind if not kind.is_switch]
POLICIES = [
    (Policy.KEEP.value, _("Keep: everything stays, nothing new")),
    (Policy.PARK.value, _("Park: what is too much is put away until there is room")),
    (Policy.BLOCK.value, _("Block: visitors see a notice")),
]


class OverLimitPolicy(models.Model):
    """What the network does when a site holds too much of a kind. No row: what the kind's class says."""

    kind = models.CharField(_("limit"), max_length=30, unique=True, choices=KINDS)
    policy = models.CharField(_("policy"), max_length=5, choices=POLICIES)

    class Meta:
        verbose_name = _("over-limit policy")
        verbose_name_plural = _("over-limit policies")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.get_policy_display()}"


class ChosenToStay(models.Model):
    """One thing that the customer wants to stay when there is no room for all: `key` is its identity in its kind.

    Of the kind `sites`, the site itself is what stays.
    """

    site = models.ForeignKey(
        Site, verbose_name=_("site"), on_delete=models.CASCADE, related_name="chosen_to_stay"
    )
    kind = models.CharField(_("limit"), max_length=30, choices=KINDS)
    key = models.CharField(_("identity"), max_length=253)
    chosen_at = models.DateTimeField(_("chosen"))

    class Meta:
        verbose_name = _("choice of what stays")
        verbose_name_plural = _("choices of what stays")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["site", "kind", "key"], name="a_thing_is_chosen_to_stay_once"),
        ]

    def __str__(self) -> str:
        return f"{self.site_id} {self.kind}: {self.key}"


class OverLimit(models.Model):
    """A time in which a site held too much of a kind, or had some of it parked. It goes on while `ended_at` is empty.

    `excess` is what is too much, or parked, in the kind's unit. From `notice_at` on visitors see a notice.
    """

    site = models.ForeignKey(
        Site, verbose_name=_("site"), on_delete=models.CASCADE, related_name="over_limits"
    )
    kind = models.CharField(_("limit"), max_length=30, choices=KINDS)
    policy = models.CharField(_("policy"), max_length=5, choices=POLICIES)
    excess = models.PositiveBigIntegerField(_("too much"))
    since = models.DateTimeField(_("since"))
    notice_at = models.DateTimeField(_("notice for visitors from"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("time over the limit")
        verbose_name_plural = _("times over the limit")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["site", "kind"],
                condition=Q(ended_at=None),
                name="a_site_is_over_a_limit_once_at_a_time",
            ),
            models.CheckConstraint(condition=Q(excess__gt=0), name="over_a_limit_is_by_something"),
            models.CheckConstraint(
                condition=Q(notice_at=None) | Q(notice_at__gte=models.F("since")),
                name="a_notice_comes_after_the_limit_was_passed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.site_id} {self.kind}: {self.excess}"
