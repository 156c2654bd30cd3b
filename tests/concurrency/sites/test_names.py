"""Two at once want the same name, or the last place for one: one gets it, the other goes on waiting or is told."""

import pytest

from products.limits import Kind
from sites.entitlements import LimitReached
from sites.models import Domain, DomainClaim, Site
from sites.operations import create_site
from sites.operations.domains import check_domain, claim_domain, remove_domain
from sites.policies.domain_check import Records
from tests.factories.at_once import at_once
from tests.plugins.sites import NOW, member

pytestmark = pytest.mark.django_db(transaction=True)
NAME = "www.example.com"


class EverybodyIsRight:
    """A DNS with the proof of every claim, and with our address."""

    def look_up(self, *, name: str, proof_name: str) -> Records:
        proofs = tuple(claim.proof_value for claim in DomainClaim.objects.filter(domain=name))
        return Records(proofs=proofs, addresses=("203.0.113.10",))


def site(name: str, settings) -> Site:
    """Its rows alone: a name needs no schema."""
    settings.SITES_ADDRESSES = ["203.0.113.10"]
    membership = member(name, limits={Kind.SITES: 1, Kind.DOMAINS: 1})
    return create_site(membership=membership, name=name.title(), slug=name, now=NOW)


def test_of_two_sites_that_prove_one_name_at_once_one_holds_it(settings) -> None:
    claims = [claim_domain(site=site(name, settings), typed=NAME, now=NOW) for name in ("left", "right")]

    def prove(number: int) -> None:
        check_domain(claim_id=claims[number].pk, resolver=EverybodyIsRight(), now=NOW)

    assert at_once(2, prove) == [None, None]
    states = DomainClaim.objects.order_by("state").values_list("state", "held_elsewhere")
    assert list(states) == [("active", False), ("waiting", True)]
    holder = DomainClaim.objects.get(state="active").site
    assert Domain.objects.get(domain=NAME).tenant == holder


def test_two_claims_and_one_place(settings) -> None:
    alone = site("alone", settings)

    def claim(number: int) -> str:
        claim_domain(site=alone, typed=f"n{number}.example.com", now=NOW)
        return "claimed"

    told = sorted(str(each) if isinstance(each, LimitReached) else each for each in at_once(2, claim))
    assert told == ["claimed", "domains: 1 of 1 used, 1 more wanted"]
    assert DomainClaim.objects.count() == 1


def test_a_name_that_is_removed_while_it_is_looked_up_does_not_come_back(settings) -> None:
    claim = claim_domain(site=site("gone", settings), typed=NAME, now=NOW)

    class RemovedMeanwhile(EverybodyIsRight):
        def look_up(self, *, name: str, proof_name: str) -> Records:
            records = super().look_up(name=name, proof_name=proof_name)
            remove_domain(claim=claim, now=NOW)
            return records

    check_domain(claim_id=claim.pk, resolver=RemovedMeanwhile(), now=NOW)
    assert (DomainClaim.objects.count(), Domain.objects.filter(domain=NAME).count()) == (0, 0)
