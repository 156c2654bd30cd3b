import uuid
from datetime import datetime, timedelta
from typing import Any, NoReturn, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_tenants.models import TenantMixin

from memberships.models import Membership
from products.limits import Limits
from sites import addresses, names

LONGEST_SITE_NAME = 80
TIME_TO_BE_READY = timedelta(minutes=2)
NAME_REFUSALS = {
    "empty": _("Enter an address."),
    "long": _("Use at most 40 characters."),
    "characters": _("Use lower-case letters, digits and hyphens; begin and end with a letter or digit."),
    "punycode": _("An address cannot have two hyphens in third and fourth place."),
    "reserved": _("This address is kept for the network. Choose another."),
    "lookalike": _("This address looks like one of the network. Choose another."),
}


def check_name(name: str) -> None:
    """Raise ValidationError, saying why, when `name` cannot be a site's address."""
    reason = names.why_not(name)
    if reason is not None:
        raise ValidationError(NAME_REFUSALS[reason], code=reason)


class SiteQuerySet(models.QuerySet["Site"]):
    def owned_by(self, user: Any) -> Self:
        """The sites of the memberships that `user` pays for; fetching through this is authorising."""
        return self.filter(membership__customer__user=user)

    def worked_on_by(self, user: Any) -> Self:
        """The sites of others to which `user` was invited, and came."""
        return self.filter(members__user=user, members__removed_at=None)

    def entered_by(self, user: Any) -> Self:
        """The sites whose dashboard `user` may enter: their own, and those they work on."""
        own, others = Site.objects.owned_by(user), Site.objects.worked_on_by(user)
        return self.filter(Q(pk__in=own.values("pk")) | Q(pk__in=others.values("pk")))

    def locked(self) -> Self:
        """Under their lock until the transaction ends, with the membership and its owner, who are not locked."""
        return self.select_for_update(of=("self",)).select_related("membership__customer__user")

    def ready(self) -> Self:
        return self.filter(state=Site.State.READY)

    def outside_the_bin(self) -> Self:
        return self.exclude(state=Site.State.RECYCLED)

    def unfinished(self) -> Self:
        return self.filter(state__in=[Site.State.PROVISIONING, Site.State.FAILED])

    def paid_not_ready(self, *, at: datetime) -> Self:
        """Sites that their membership pays for, or need not, and that were not ready within two minutes."""
        live = [Membership.State.TRIALING, Membership.State.ACTIVE, Membership.State.PAST_DUE]
        late = self.unfinished().filter(created_at__lte=at - TIME_TO_BE_READY)
        return late.filter(membership__state__in=live).order_by("created_at")


class Site(TenantMixin):  # type: ignore[misc]  # django-tenants ships no types
    """A customer's website: its row here, its content in a schema of its own named after `uid`.

    `entitlements` is a copy, for showing, of the limits that apply in the site; the ones that bite are rows
    in the site's schema. `usage` is a copy of what the site uses, so that the network's pages read no site's
    schema.
    """

    schema_name: Any
    auto_create_schema = False
    auto_drop_schema = False

    class State(models.TextChoices):
        PROVISIONING = "provisioning", _("Being made")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Needs attention")
        MAINTENANCE = "maintenance", _("In maintenance")
        RECYCLED = "recycled", _("In the recycle bin")

    class Access(models.TextChoices):
        OPEN = "open", _("Open")
        READ_ONLY = "read_only", _("Read-only for its owner")
        NOTICE = "notice", _("Notice for visitors")

    uid = models.UUIDField(_("identifier"), default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=LONGEST_SITE_NAME)
    slug = models.CharField(_("address"), max_length=names.LONGEST_NAME, unique=True, validators=[check_name])
    membership = models.ForeignKey(
        Membership, verbose_name=_("membership"), on_delete=models.PROTECT, related_name="sites"
    )
    starter = models.ForeignKey(
        "sites.Starter",
        verbose_name=_("starter site"),
        on_delete=models.SET_NULL,
        related_name="+",
        null=True,
        blank=True,
        help_text=_("Whose content this site began with."),
    )
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.PROVISIONING)
    is_canary = models.BooleanField(
        _("canary"),
        default=False,
        help_text=_("Gets new migrations first; when it fails, no other gets them."),
    )
    access = models.CharField(_("access"), max_length=10, choices=Access, default=Access.OPEN)
    entitlements = models.JSONField(_("entitlements"), default=dict, blank=True)
    entitlements_version = models.PositiveIntegerField(_("entitlements version"), default=0)
    usage = models.JSONField(_("usage"), default=dict, blank=True)
    usage_at = models.DateTimeField(_("usage counted"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"))
    ready_at = models.DateTimeField(_("ready"), null=True, blank=True)
    opened_at = models.DateTimeField(
        _("open to visitors since"),
        null=True,
        blank=True,
        help_text=_("Empty: until its owner’s e-mail address is confirmed, visitors see that it opens soon."),
    )
    recycled_at = models.DateTimeField(_("put into the recycle bin"), null=True, blank=True)

    objects = SiteQuerySet.as_manager()

    class Meta:
        verbose_name = _("site")
        verbose_name_plural = _("sites")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(slug__regex=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"),
                name="an_address_is_a_lower_case_host_label",
            ),
            models.CheckConstraint(
                condition=Q(schema_name__regex=r"^site_[0-9a-f]{32}$"),
                name="a_schema_is_named_after_its_site",
            ),
            models.CheckConstraint(
                condition=~Q(state="ready") | Q(ready_at__isnull=False), name="a_ready_site_says_since_when"
            ),
            models.CheckConstraint(
                condition=Q(state="recycled") ^ Q(recycled_at__isnull=True),
                name="a_site_in_the_recycle_bin_says_since_when",
            ),
        ]
        indexes = [models.Index(fields=["state"], name="sites_by_state")]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.schema_name:
            self.schema_name = names.schema_name(self.uid)

    def __str__(self) -> str:
        return self.name

    def __enter__(self) -> NoReturn:
        raise TypeError(
            "Use tenant_context(site): `with site:` shares one stack among all threads in django-tenants."
        )

    def __exit__(self, *_exception: object) -> NoReturn:
        raise TypeError("Use tenant_context(site).")

    @property
    def limits(self) -> Limits:
        """The limits that apply in this site, as last applied."""
        return Limits.from_json(self.entitlements)

    @property
    def host(self) -> str:
        """The site's own address on the network's sites domain, without port."""
        return addresses.site_host(self.slug)

    @property
    def url(self) -> str:
        """The home page, absolute."""
        return addresses.site_url(self.host)

    @property
    def account_url(self) -> str:
        """The Account page of the site's membership on the network."""
        return addresses.account_url(self.membership.uid)
