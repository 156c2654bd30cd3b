"""More names of their own than the plan allows."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django_tenants.utils import tenant_context
from wagtail.models import Site as WagtailSite

from products.limits import Kind, Limits
from sites import routing
from sites.models import Domain, DomainClaim, Site
from sites.operations.domains.hold import set_primary
from sites.operations.kinds import Domains
from sites.operations.over_limit import NothingOfThatName, choose_what_stays, preview
from tests.plugins.sites import LIMITS, NOW, set_limits

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


def domains(site: Site) -> list[str]:
    return list(site.domains.order_by("domain").values_list("domain", flat=True))


@pytest.fixture
def three(site_a: Site) -> Site:
    for days, name in enumerate(("new.example.com", "middle.example.com", "old.example.com"), 1):
        active(site_a, name, days=days)
    return site_a


def fit(site: Site, allowed: int | None, *chosen: str, restore: bool = True) -> list[str]:
    """Hold `site` to `allowed` names; answers those that lead to it then."""
    parked = Domains().fit(site, allowed=allowed, chosen=chosen, restore=restore, now=NOW)
    active = list(
        site.domain_claims.filter(state="active").order_by("domain").values_list("domain", flat=True)
    )
    assert parked == 3 - len(active)
    return active


def test_the_newest_names_are_parked_and_come_back_the_oldest_first(
    three: Site, django_capture_on_commit_callbacks
) -> None:
    names = ("old.example.com", "middle.example.com", "new.example.com")
    assert leads(*names) == [True, True, True]
    with django_capture_on_commit_callbacks(execute=True):
        assert fit(three, 1) == ["old.example.com"]
    assert leads(*names) == [True, False, False]
    with django_capture_on_commit_callbacks(execute=True):
        assert fit(three, 2) == ["middle.example.com", "old.example.com"]
    assert leads(*names) == [True, True, False]
    assert len(fit(three, None)) == 3


def test_parking_and_restoring_again_change_nothing(three: Site) -> None:
    assert len(fit(three, 3)) == 3
    assert fit(three, 0) == []
    assert fit(three, 0) == []
    assert fit(three, 1, restore=False) == []


def test_the_names_that_the_customer_chose_stay_and_change_places(three: Site) -> None:
    assert fit(three, 1, "new.example.com") == ["new.example.com"]
    assert fit(three, 1) == ["new.example.com"]
    assert fit(three, 1, "middle.example.com") == ["middle.example.com"]


def test_a_choice_of_names_is_kept_for_the_site(three: Site, site_b: Site) -> None:
    set_limits(three, {Kind.DOMAINS: 3})
    choose_what_stays(site=three, kind=Kind.DOMAINS, keys=["new.example.com"], now=NOW)
    set_limits(three, {Kind.DOMAINS: 1})
    assert domains(three) == ["alpha.sites.localhost", "new.example.com"]
    choose_what_stays(site=three, kind=Kind.DOMAINS, keys=["old.example.com"], now=NOW)
    assert domains(three) == ["alpha.sites.localhost", "old.example.com"]
    with pytest.raises(NothingOfThatName):
        choose_what_stays(site=site_b, kind=Kind.DOMAINS, keys=["old.example.com"], now=NOW)


def test_the_primary_name_is_parked_last_and_then_the_own_address_is_primary(three: Site) -> None:
    set_primary(three, "new.example.com")
    fit(three, 1)
    assert three.domains.get(is_primary=True).domain == "new.example.com"
    fit(three, 0)
    assert list(three.domains.values_list("domain", "is_primary")) == [("alpha.sites.localhost", True)]
    with tenant_context(three):
        assert WagtailSite.objects.get().hostname == "alpha.sites.localhost"


def test_a_parked_name_is_still_held_for_its_site(three: Site, site_b: Site) -> None:
    fit(three, 0)
    with pytest.raises(IntegrityError, match="a_proven_name_has_one_holder"), transaction.atomic():
        active(site_b, "old.example.com", days=0)


def test_what_would_be_parked_says_which_names_still_lead_here(three: Site) -> None:
    three.domain_claims.filter(domain="new.example.com").update(seen={"alias": three.host})
    limits = Limits({**LIMITS, Kind.DOMAINS: 1})
    [excess] = preview(membership=three.membership, limits=limits, now=NOW)
    assert (excess.used, excess.allowed, sorted(excess.stays)) == (3, 1, ["old.example.com"])
    assert [(item.name, item.leads_here) for item in excess.parked] == [
        ("middle.example.com", False),
        ("new.example.com", True),
    ]
