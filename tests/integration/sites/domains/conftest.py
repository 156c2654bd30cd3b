"""Names on their way to a site, as their owners and the DNS's administrators move them."""

from datetime import datetime, timedelta
from typing import Protocol

import pytest

from products.limits import Kind
from sites.hosting.resolver import from_settings
from sites.models import DomainClaim, Site
from sites.operations.domains import check_domain, claim_domain
from tests.plugins.dns import DnsServer
from tests.plugins.sites import NOW, set_limits

OUR_ADDRESS = "203.0.113.10"


class Connect(Protocol):
    def __call__(self, site: Site, name: str) -> DomainClaim: ...


def look(claim: DomainClaim, *, now: datetime = NOW) -> DomainClaim:
    """Check the claim and answer what has become of it."""
    check_domain(claim_id=claim.pk, resolver=from_settings(), now=now)
    claim.refresh_from_db()
    return claim


@pytest.fixture(autouse=True)
def _two_names_each(site_a: Site, site_b: Site) -> None:
    for site in (site_a, site_b):
        set_limits(site, {Kind.DOMAINS: 2})


@pytest.fixture
def connect(dns_server: DnsServer) -> Connect:
    """Claim a name for a site, prove it, and let it lead here."""

    def connected(site: Site, name: str) -> DomainClaim:
        claim = claim_domain(site=site, typed=name, now=NOW - timedelta(hours=1))
        dns_server.put(claim.proof_name, "TXT", claim.proof_value)
        dns_server.put(name, "A", OUR_ADDRESS)
        return look(claim)

    return connected
