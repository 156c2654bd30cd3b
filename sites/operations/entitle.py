"""What a membership allows, brought into its sites; what its sites use, brought back."""

from datetime import datetime
from functools import partial

from django.db import transaction
from django_tenants.utils import schema_exists, tenant_context

from memberships.operations.entitlements import entitlements
from products.limits import Kind
from sites import routing
from sites.entitlements import usage, write_limits
from sites.metering import rollup
from sites.models import Domain, Site


@transaction.atomic
def apply_entitlements(*, site_id: int, now: datetime) -> bool:  # noqa: ARG001 -- items are live or not, whatever the time
    """Make the site follow its membership as it is now. True when that changed anything.

    What the membership allows is read under the site's lock, so of two runs at once the later one has the
    newer truth, and running it again changes nothing. Raises Site.DoesNotExist.
    """
    site = Site.objects.select_for_update(of=("self",)).select_related("membership").get(pk=site_id)
    return apply_to(site)


def apply_to(site: Site) -> bool:
    """`apply_entitlements` for a caller that holds the site's lock. A site without a schema gets its rows
    when it has one."""
    limits = entitlements(site.membership)
    if not schema_exists(site.schema_name):
        return False
    if limits == site.limits and site.entitlements_version:
        return False
    site.entitlements = limits.to_json()
    site.entitlements_version += 1
    site.save(update_fields=["entitlements", "entitlements_version"])
    with tenant_context(site):
        write_limits(limits.amounts, version=site.entitlements_version)
    transaction.on_commit(partial(routing.forget, site))
    return True


def refresh_usage(*, site_id: int, now: datetime) -> dict[str, int]:
    """Count what the site uses and keep a copy on its row: one statement in its schema. Raises
    Site.DoesNotExist."""
    site = Site.objects.get(pk=site_id)
    with tenant_context(site):
        used = usage()
    used[Kind.VISITS] = rollup.visits_in_month(site_id=site.pk, day=now.date())
    used[Kind.DOMAINS] = Domain.objects.filter(tenant=site).exclude(domain=site.host).count()
    stored = {kind.value: amount for kind, amount in used.items()}
    Site.objects.filter(pk=site.pk).update(usage=stored, usage_at=now)
    return stored
