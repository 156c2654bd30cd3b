"""More names of their own than the plan allows."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django_tenants.utils import tenant_context
from wagtail.models import Site as WagtailSite

from sites import routing
from sites.models import Domain, DomainClaim, Site
from sites.operations.domains import park_domains, restore_domains
from sites.operations.domains.hold import set_primary
from tests.plugins.sites import NOW

pytestmark = pytest.mark.django_db


def active(site: Site, name: str, *, days: int) -> DomainClaim:
    at = NOW - timedelta(days=days)
    claim = DomainClaim.objects.create(
        membership=site.membership, site=site, domain=name, state="active", created_at=at, proven_at=at
    )
    Domain.objects.create(domain=name, tenant=site, created_at=at)
    return claim


def leads(*names: str) -> list[bool]:
    return [routing.find(name) is not None for name in names]


@pytest.fixture
def three(site_a: Site) -> Site:
    for days, name in enumerate(("new.example.com", "middle.example.com", "old.example.com"), 1):
        active(site_a, name, days=days)
    return site_a


def test_the_newest_names_are_parked_and_come_back_the_oldest_first(
    three: Site, django_capture_on_commit_callbacks
) -> None:
    names = ("old.example.com", "middle.example.com", "new.example.com")
    assert leads(*names) == [True, True, True]
    with django_capture_on_commit_callbacks(execute=True):
        assert park_domains(site=three, allowed=1, now=NOW) == ["middle.example.com", "new.example.com"]
    assert leads(*names) == [True, False, False]
    with django_capture_on_commit_callbacks(execute=True):
        assert restore_domains(site=three, allowed=2, now=NOW) == ["middle.example.com"]
    assert leads(*names) == [True, True, False]
    assert restore_domains(site=three, allowed=None, now=NOW) == ["new.example.com"]


def test_parking_and_restoring_again_change_nothing(three: Site) -> None:
    assert park_domains(site=three, allowed=3, now=NOW) == []
    assert park_domains(site=three, allowed=None, now=NOW) == []
    park_domains(site=three, allowed=0, now=NOW)
    assert park_domains(site=three, allowed=0, now=NOW) == []
    assert restore_domains(site=three, allowed=0, now=NOW) == []


def test_the_primary_name_is_parked_last_and_then_the_own_address_is_primary(three: Site) -> None:
    set_primary(three, "new.example.com")
    park_domains(site=three, allowed=1, now=NOW)
    assert three.domains.get(is_primary=True).domain == "new.example.com"
    park_domains(site=three, allowed=0, now=NOW)
    assert list(three.domains.values_list("domain", "is_primary")) == [("alpha.sites.localhost", True)]
    with tenant_context(three):
        assert WagtailSite.objects.get().hostname == "alpha.sites.localhost"


def test_a_parked_name_is_still_held_for_its_site(three: Site, site_b: Site) -> None:
    park_domains(site=three, allowed=0, now=NOW)
    with pytest.raises(IntegrityError, match="a_proven_name_has_one_holder"), transaction.atomic():
        active(site_b, "old.example.com", days=0)
