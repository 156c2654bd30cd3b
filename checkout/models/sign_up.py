from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from checkout.models.order import Order
from checkout.models.quote import Quote
from memberships.models import Membership
from products.models import Price, Product
from products.pricing import Interval, Unit
from sites.models import AddressHold, Site, Starter
from sites.models.site import LONGEST_SITE_NAME
from sites.names import LONGEST_NAME


class SignUpQuerySet(models.QuerySet["SignUp"]):
    def open_of(self, user: Any) -> Self:
        """The sign-up that `user` has not come to the end of; at most one."""
        return self.filter(user=user, state=SignUp.State.OPEN)

    def waiting_for_a_site(self) -> Self:
        """Those whose membership has begun and whose site has an address and is not made."""
        begun = [Membership.State.TRIALING, Membership.State.ACTIVE, Membership.State.PAST_DUE]
        return self.filter(state=SignUp.State.OPEN, membership__state__in=begun).exclude(slug="")

    def left(self, *, before: datetime) -> Self:
        """Those that nobody has touched since `before`, and that have come to nothing."""
        waiting = Order.objects.open().values("membership")
        return self.filter(
            state=SignUp.State.OPEN, touched_at__lt=before, membership__state=Membership.State.PENDING
        ).exclude(membership__in=waiting)


class SignUp(models.Model):
    """Somebody on the way to a membership and its first site: what they have chosen so far.

    How far they are follows from the rows (`checkout.policies.steps`): the membership's state, its open order, the
    address that is held, the site. `addons` is a mapping of products' identifiers to quantities.
    """

    class State(models.TextChoices):
        OPEN = "open", _("Under way")
        DONE = "done", _("Led to a site")
        LEFT = "left", _("Left")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("user"), on_delete=models.PROTECT, related_name="+"
    )
    membership = models.ForeignKey(
        Membership, verbose_name=_("membership"), on_delete=models.PROTECT, related_name="+"
    )
    state = models.CharField(_("state"), max_length=4, choices=State, default=State.OPEN)
    plan = models.ForeignKey(Product, verbose_name=_("plan"), on_delete=models.PROTECT, related_name="+")
    interval_unit = models.CharField(_("per"), max_length=5, choices=Price.Unit)
    interval_count = models.PositiveSmallIntegerField(_("every"))
    addons = models.JSONField(_("packages and services"), default=dict, blank=True)
    code = models.CharField(_("discount code"), max_length=40, blank=True)
    site_name = models.CharField(_("name of the site"), max_length=LONGEST_SITE_NAME, blank=True)
    slug = models.CharField(_("address"), max_length=LONGEST_NAME, blank=True)
    starter = models.ForeignKey(
        Starter,
        verbose_name=_("starter site"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    quote = models.ForeignKey(
        Quote, verbose_name=_("quote"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    site = models.ForeignKey(
        Site, verbose_name=_("site"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(_("begun"))
    touched_at = models.DateTimeField(_("last went on"))
    settled_at = models.DateTimeField(_("ended"), null=True, blank=True)

    objects = SignUpQuerySet.as_manager()

    class Meta:
        verbose_name = _("sign-up")
        verbose_name_plural = _("sign-ups")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(state="open"), name="a_person_has_one_open_sign_up"
            ),
            models.CheckConstraint(
                condition=Q(state="open") ^ Q(settled_at__isnull=False), name="an_ended_sign_up_says_when"
            ),
        ]
        indexes = [
            models.Index(fields=["touched_at"], condition=Q(state="open"), name="open_sign_ups_by_touch")
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.plan}"

    @property
    def interval(self) -> Interval:
        return Interval(unit=Unit(self.interval_unit), count=self.interval_count)

    def holds_its_address(self, *, at: datetime) -> bool:
        """Whether the address is kept for this sign-up. One query."""
        held = AddressHold.objects.filter(slug=self.slug, membership=self.membership_id, until__gt=at)
        return bool(self.slug) and held.exists()
