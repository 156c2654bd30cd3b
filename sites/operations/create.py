"""A new site: its rows now, its schema soon."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.confirmation import is_confirmed
from memberships.models import Membership
from memberships.operations.entitlements import entitlements as of_membership
from memberships.operations.entitlements import plans_of
from products.limits import Kind
from sites import entitlements
from sites.models import Domain, ProvisioningStep, Site, Starter
from sites.models.site import LONGEST_SITE_NAME, check_name
from sites.operations.addresses import hold_address, release_address
from sites.operations.begin import starters_for
from sites.operations.steps import STEPS
from sites.signals import site_created


@transaction.atomic
def create_site(
    *, membership: Membership, name: str, slug: str, now: datetime, starter: Starter | None = None
) -> Site:
    """Take a place among the membership's sites and the address `slug`; provisioning starts after the commit.

    The site begins as `starter`, or as the default one, as far as that fits into the membership's limits. Raises
    LimitReached (kind `sites`) when the membership has no place left, and ValidationError, keyed by `name`, `slug` or
    `starter`, for an address that is taken, held for somebody else or may not be used and for a starter that is not
    offered. Visitors see the site once its owner's e-mail address is confirmed.
    """
    name, slug = name.strip(), slug.strip().lower()
    _check(name=name, slug=slug)
    entitlements.claim_in_network(Kind.SITES, holder=membership, now=now)
    hold_address(slug=slug, membership=membership, until=now, now=now)
    site = Site(membership=membership, name=name, slug=slug, created_at=now)
    site.opened_at = now if is_confirmed(membership.customer.user) else None
    site.starter = _starter(starter, membership)
    try:
        with transaction.atomic():
            site.save()
            Domain.objects.create(domain=site.host, tenant=site, is_primary=True, created_at=now)
    except IntegrityError:
        raise ValidationError({"slug": _("This address is taken. Choose another.")}) from None
    ProvisioningStep.objects.bulk_create(
        ProvisioningStep(site=site, name=step, position=position) for position, step in enumerate(STEPS)
    )
    release_address(slug=slug)
    transaction.on_commit(lambda: site_created.send_robust(Site, site_id=site.pk))
    return site


def _starter(chosen: Starter | None, membership: Membership) -> Starter | None:
    choice = starters_for(of_membership(membership), plans=plans_of(membership.pk))
    if chosen is None:
        return next((starter for starter in choice if starter.is_default), None)
    if chosen not in choice:
        raise ValidationError(
            {"starter": _("This starter site is not offered with your plan. Choose another.")}
        )
    return chosen


def _check(*, name: str, slug: str) -> None:
    problems: dict[str, list[str]] = {}
    if not name:
        problems["name"] = [_("Enter a name.")]
    elif len(name) > LONGEST_SITE_NAME:
        problems["name"] = [_("Use a shorter name.")]
    try:
        check_name(slug)
    except ValidationError as error:
        problems["slug"] = error.messages
    if problems:
        raise ValidationError(problems)
