"""Tokens with which a person's programs use the network's API."""

import uuid
from datetime import datetime
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class Scope(models.TextChoices):
    """What a token may do: a resource, and read or write. Write includes read."""

    PRODUCTS_READ = "products:read", _("See what is sold")
    MEMBERSHIPS_READ = "memberships:read", _("See memberships, and what they can be changed to")
    MEMBERSHIPS_WRITE = "memberships:write", _("Cancel memberships, and take planned changes back")
    USAGE_READ = "usage:read", _("See what is used of the limits")
    QUOTES_WRITE = "quotes:write", _("Ask what a change would cost")
    ORDERS_READ = "orders:read", _("See what became of orders")
    ORDERS_WRITE = "orders:write", _("Order changes, and pay for them with a saved card")
    INVOICES_READ = "invoices:read", _("See invoices and credit notes")
    SITES_READ = "sites:read", _("See sites")
    SITES_WRITE = "sites:write", _("Make sites")
    DOMAINS_READ = "domains:read", _("See domains")
    DOMAINS_WRITE = "domains:write", _("Connect domains, and give them up")
    NETWORK_READ = "network:read", _("See all that of every customer, as staff may")

    @property
    def granted_by(self) -> frozenset[str]:
        """The scopes that allow this one."""
        resource, _colon, _action = self.value.partition(":")
        return frozenset({self.value, f"{resource}:write"})


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def owned_by(self, user: User) -> Self:
        return self.filter(user=user)

    def usable(self, *, at: datetime) -> Self:
        """Tokens that open the API at `at`: neither revoked nor expired, of somebody who may still sign in."""
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=at), revoked_at=None, user__is_active=True)


class ApiToken(models.Model):
    """A secret that a program sends instead of signing in. It acts for its user, within its scopes.

    We keep the secret's SHA-256 and its first characters, by which people tell their tokens apart. A plain hash is
    right here: the secret has 256 random bits, so there is nothing to guess that salt or slowness would protect.
    """

    uid = models.UUIDField(_("identifier"), default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        on_delete=models.DO_NOTHING,  # sites have users too, and no such table to look into; here the database refuses
        related_name="api_tokens",
    )
    name = models.CharField(_("name"), max_length=60)
    prefix = models.CharField(_("begins with"), max_length=12)
    digest = models.CharField(_("digest"), max_length=64, unique=True, editable=False)
    scopes = ArrayField(models.CharField(max_length=40), verbose_name=_("may"))
    created_at = models.DateTimeField(_("created"))
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(scopes__len__gt=0), name="a_token_may_do_something"),
            models.CheckConstraint(
                condition=Q(expires_at=None) | Q(expires_at__gt=F("created_at")),
                name="a_token_expires_after_it_was_made",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    def allows(self, scope: Scope) -> bool:
        return not scope.granted_by.isdisjoint(self.scopes)

    def has_expired(self, *, at: datetime) -> bool:
        return self.expires_at is not None and at >= self.expires_at

    def scope_labels(self) -> list[str]:
        """What it may do, in the active language."""
        return [str(scope.label) for scope in Scope if scope.value in self.scopes]
