"""What a membership allows, brought into its sites; what its sites use, brought back."""

from datetime import datetime
from functools import partial

from django.db import transaction
from django_tenants.utils import schema_exists, tenant_context

from accounts.network.live import network
from memberships.models import Membership
from memberships.operations.entitlements import entitlements
from products.pricing import Status
from sites import routing
from sites.entitlements import write_limits
from sites.models import Site
from sites.operations.over_limit import is_to_settle, settle, settle_site, usage_of
from sites.policies.access import Access, access


@transaction.atomic
def apply_entitlements(*, site_id: int, now: datetime) -> bool:
    """Make the site follow its membership as it is `now`: its limits, and who gets to see what of it. True when that
    changed anything.

    What the membership allows is read under the site's lock, so of two runs at once the later one has the
    newer truth, and running it again changes nothing. Raises Site.DoesNotExist.
    """
    site = Site.objects.locked().get(pk=site_id)
    return apply_to(site, now=now)


def apply_to(site: Site, *, now: datetime) -> bool:
    """`apply_entitlements` for a caller that holds the site's lock. A site without a schema gets its rows
    when it has one."""
    limits, granted = entitlements(site.membership), access_of(site.membership, now=now)
    if not schema_exists(site.schema_name):
        return False
    if limits == site.limits and granted == site.access and site.entitlements_version:
        return False
    site.entitlements = limits.to_json()
    site.entitlements_version += 1
    site.access = granted
    site.save(update_fields=["entitlements", "entitlements_version", "access"])
    with tenant_context(site):
        write_limits(limits.amounts, version=site.entitlements_version)
    if granted == Access.OPEN and site.ready_at is not None:
        settle(site, restore=True, now=now)
    transaction.on_commit(partial(routing.forget, site))
    return True


def access_of(membership: Membership, *, now: datetime) -> Access:
    """What the owner and the visitors of this membership's sites get."""
    return access(
        status=Status(membership.state),
        ended_at=membership.ended_at,
        now=now,
        grace_days=network.grace_days,
    )


def refresh_usage(*, site_id: int, now: datetime) -> dict[str, int]:
    """Count what the site uses and keep a copy on its row: one statement in its schema. What is over a limit, or no
    longer, is settled. Raises Site.DoesNotExist."""
    site = Site.objects.get(pk=site_id)
    stored = {kind.value: amount for kind, amount in usage_of(site, now=now).items()}
    Site.objects.filter(pk=site.pk).update(usage=stored, usage_at=now)
    site.usage = stored
    if is_to_settle(site):
        settle_site(site_id=site.pk, now=now)
    return stored
