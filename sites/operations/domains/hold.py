"""What holds a name and what leads it to its site: the parts that every operation on names is made of.

All of it wants the site's lock: which names a site has, and how many, changes in one place at a time.
"""

from datetime import datetime
from functools import partial

from django.db import transaction
from django_tenants.utils import schema_exists, tenant_context

from sites import routing
from sites.content import beginnings
from sites.models import Domain, DomainClaim, Site


def lead_here(claim: DomainClaim, *, now: datetime) -> None:
    """From the commit on, the claim's name leads to its site."""
    site = claim.site
    assert site is not None, "only a name in quarantine has no site"
    claim.state = DomainClaim.State.ACTIVE
    claim.active_at = now
    claim.save(update_fields=["state", "active_at"])
    Domain.objects.create(domain=claim.domain, tenant=site, created_at=now)
    forget_after_commit(site)


def lead_nowhere(site: Site, domain: str) -> None:
    """From the commit on, `domain` leads nowhere. If it was the primary one, the site's own address is."""
    forget_after_commit(site)
    row = Domain.objects.filter(tenant=site, domain=domain).first()
    if row is None:
        return
    row.delete()
    if row.is_primary:
        set_primary(site, site.host)


@transaction.atomic
def make_primary(*, site: Site, domain: str) -> None:
    """`set_primary` under the site's lock. Raises Domain.DoesNotExist for a name that does not lead to `site`."""
    set_primary(Site.objects.locked().get(pk=site.pk), domain)


def set_primary(site: Site, domain: str) -> None:
    """Make `domain`, one that leads to the site, the one in its links, to which the others redirect.

    Raises Domain.DoesNotExist.
    """
    chosen = Domain.objects.get(tenant=site, domain=domain)
    Domain.objects.filter(tenant=site, is_primary=True).exclude(pk=chosen.pk).update(is_primary=False)
    Domain.objects.filter(pk=chosen.pk).update(is_primary=True)
    if schema_exists(site.schema_name):
        with tenant_context(site):
            beginnings.set_host(host=domain, name=site.name)
    forget_after_commit(site)


def forget_after_commit(site: Site) -> None:
    """Names that lead here now, and those that will."""
    hosts = list(site.domains.values_list("domain", flat=True))
    transaction.on_commit(partial(routing.forget_hosts, *hosts))
    transaction.on_commit(partial(routing.forget, site))
