"""From a claim to a name that leads to its site, and never to another's."""

from datetime import timedelta
from typing import Any

import dns.rcode
import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from products.limits import Kind
from sites import routing, tasks
from sites.entitlements import LimitReached
from sites.models import DomainClaim, Site
from sites.operations import refresh_usage
from sites.operations.domains import (
    ask_for_check,
    claim_domain,
    free_domain,
    names_to_look_up,
    remove_domain,
    remove_domains,
)
from sites.operations.recycle import erase_site
from tests.integration.sites.domains.conftest import OUR_ADDRESS, Connect, look
from tests.plugins.dns import DnsServer
from tests.plugins.sites import NOW, set_limits

pytestmark = pytest.mark.django_db
NAME = "www.example.com"


def claimed(site: Site, name: str = NAME) -> DomainClaim:
    return claim_domain(site=site, typed=name, now=NOW)


def leads_to(name: str = NAME) -> Site | None:
    routing.forget_hosts(name)  # what is done after a commit is not done in a test's transaction
    route = routing.find(name)
    return Site.objects.get(pk=route.id) if route else None


def test_a_claim_alone_leads_nowhere(site_a: Site, dns_server: DnsServer) -> None:
    claim = claimed(site_a, "WWW.Example.com.")
    dns_server.put(NAME, "A", OUR_ADDRESS)
    assert (look(claim).state, claim.domain, leads_to()) == ("waiting", NAME, None)
    assert claim.proof_name == "_sitewright.www.example.com"
    assert claim.proof_value == f"sitewright={claim.token}"


def test_a_proven_name_waits_until_it_leads_here(site_a: Site, dns_server: DnsServer) -> None:
    claim = claimed(site_a)
    dns_server.put(claim.proof_name, "TXT", claim.proof_value)
    dns_server.put(NAME, "A", "198.51.100.7")
    assert (look(claim).state, leads_to()) == ("proven", None)
    dns_server.put(NAME, "A", OUR_ADDRESS)
    assert (look(claim).state, claim.active_at, leads_to()) == ("active", NOW, site_a)


def test_an_alias_of_the_sites_own_address_leads_here(site_a: Site, dns_server: DnsServer) -> None:
    claim = claimed(site_a)
    dns_server.put(claim.proof_name, "TXT", claim.proof_value)
    dns_server.put(NAME, "CNAME", f"{site_a.host}.")
    assert look(claim).state == "active"


def test_an_alias_of_another_sites_address_does_not(
    site_a: Site, site_b: Site, dns_server: DnsServer
) -> None:
    claim = claimed(site_a)
    dns_server.put(claim.proof_name, "TXT", claim.proof_value)
    dns_server.put(NAME, "CNAME", f"{site_b.host}.")
    assert look(claim).state == "proven"


def test_claims_of_two_sites_wait_side_by_side_and_the_proof_decides(
    site_a: Site, site_b: Site, dns_server: DnsServer
) -> None:
    first, second = claimed(site_a), claimed(site_b)
    assert first.token != second.token
    dns_server.put(NAME, "A", OUR_ADDRESS)
    dns_server.put(second.proof_name, "TXT", second.proof_value)
    assert (look(first).state, look(second).state, leads_to()) == ("waiting", "active", site_b)


def test_whoever_proves_a_name_that_is_held_is_told_and_does_not_get_it(
    site_a: Site, site_b: Site, dns_server: DnsServer, connect: Connect
) -> None:
    held = connect(site_a, NAME)
    other = claimed(site_b)
    assert look(other).held_elsewhere is False  # nobody learns who holds a name that is not theirs
    dns_server.put(other.proof_name, "TXT", held.proof_value, other.proof_value)
    assert (look(other).state, other.held_elsewhere, leads_to()) == ("waiting", True, site_a)
    free_domain(claim=held)
    assert (look(other).state, other.held_elsewhere, leads_to()) == ("active", False, site_b)


def test_the_database_itself_lets_nobody_else_hold_a_name(
    site_a: Site, site_b: Site, connect: Connect
) -> None:
    connect(site_a, NAME)
    other = claimed(site_b)
    with pytest.raises(IntegrityError, match="a_proven_name_has_one_holder"), transaction.atomic():
        DomainClaim.objects.filter(pk=other.pk).update(state="active", proven_at=NOW)


def test_the_proof_of_a_claim_that_was_removed_proves_no_later_one(
    site_a: Site, site_b: Site, dns_server: DnsServer
) -> None:
    old = claimed(site_a)
    dns_server.put(old.proof_name, "TXT", old.proof_value)
    remove_domain(claim=old, now=NOW)
    assert look(claimed(site_a)).state == "waiting"
    assert look(claimed(site_b)).state == "waiting"


def test_a_proof_that_goes_before_the_name_leads_here_holds_nothing(
    site_a: Site, dns_server: DnsServer
) -> None:
    claim = claimed(site_a)
    dns_server.put(claim.proof_name, "TXT", claim.proof_value)
    assert look(claim).state == "proven"
    dns_server.rcode = dns.rcode.SERVFAIL
    assert look(claim).state == "proven"  # silence says nothing
    dns_server.rcode = dns.rcode.NOERROR
    dns_server.drop(claim.proof_name)
    assert (look(claim).state, claim.proven_at) == ("waiting", None)


def test_an_active_name_stays_whatever_the_dns_says_later(
    site_a: Site, dns_server: DnsServer, connect: Connect
) -> None:
    claim = connect(site_a, NAME)
    dns_server.drop(claim.proof_name)
    dns_server.drop(NAME)
    assert (look(claim).state, claim.seen["addresses"], leads_to()) == ("active", [], site_a)


def test_a_removed_name_rests_for_its_membership_alone(
    site_a: Site, site_b: Site, dns_server: DnsServer, connect: Connect, settings: Any
) -> None:
    settings.DOMAIN_QUARANTINE_DAYS = 10
    remove_domain(claim=connect(site_a, NAME), now=NOW)
    assert leads_to() is None
    other = claimed(site_b)
    dns_server.put(other.proof_name, "TXT", other.proof_value)
    assert (look(other, now=NOW + timedelta(days=10, seconds=-1)).state, other.held_elsewhere) == (
        "waiting",
        True,
    )
    assert look(other, now=NOW + timedelta(days=10)).state == "active"


def test_the_same_membership_may_have_a_resting_name_again_by_a_new_proof(
    site_a: Site, dns_server: DnsServer, connect: Connect
) -> None:
    remove_domain(claim=connect(site_a, NAME), now=NOW)
    again = claimed(site_a)
    assert look(again).state == "waiting"
    dns_server.put(again.proof_name, "TXT", again.proof_value)
    assert (look(again).state, leads_to()) == ("active", site_a)
    assert DomainClaim.objects.filter(domain=NAME).count() == 1


def test_removing_twice_does_not_lengthen_the_quarantine(site_a: Site, connect: Connect) -> None:
    claim = connect(site_a, NAME)
    for days in (0, 5):
        remove_domain(claim=claim, now=NOW + timedelta(days=days))
    assert DomainClaim.objects.get().rests_until == NOW + timedelta(days=30)


def test_the_names_of_a_site_that_goes_rest_too(site_a: Site, connect: Connect) -> None:
    connect(site_a, NAME)
    claimed(site_a, "other.example.com")
    with pytest.raises(IntegrityError, match="only_a_name_in_quarantine_has_no_site"), transaction.atomic():
        DomainClaim.objects.update(site=None)  # as deleting the site would
    remove_domains(site=site_a, now=NOW)
    assert [(claim.domain, claim.state, claim.site) for claim in DomainClaim.objects.all()] == [
        (NAME, "resting", None)
    ]


def test_a_site_that_is_erased_leaves_its_names_in_quarantine(site_a: Site, connect: Connect) -> None:
    connect(site_a, NAME)
    Site.objects.filter(pk=site_a.pk).update(state="recycled", recycled_at=NOW)
    erase_site(site_id=site_a.pk, now=NOW, at_once=True)
    assert [(claim.domain, claim.state, claim.site) for claim in DomainClaim.objects.all()] == [
        (NAME, "resting", None)
    ]


def test_names_beyond_the_limit_are_refused_at_the_claim(site_a: Site) -> None:
    claimed(site_a, "one.example.com")
    claimed(site_a, "two.example.com")
    with pytest.raises(LimitReached) as reached:
        claimed(site_a, "three.example.com")
    assert (reached.value.kind, reached.value.used, reached.value.allowed) == (Kind.DOMAINS, 2, 2)
    assert refresh_usage(site_id=site_a.pk, now=NOW)["domains"] == 2


def test_a_name_that_is_ready_after_a_downgrade_waits_until_there_is_room(
    site_a: Site, dns_server: DnsServer, connect: Connect
) -> None:
    connect(site_a, "first.example.com")
    late = claimed(site_a)
    set_limits(site_a, {Kind.DOMAINS: 1})
    dns_server.put(late.proof_name, "TXT", late.proof_value)
    dns_server.put(NAME, "A", OUR_ADDRESS)
    assert (look(late).state, leads_to()) == ("proven", None)
    assert late.pk in names_to_look_up(now=NOW + timedelta(days=90))
    set_limits(site_a, {Kind.DOMAINS: 2})
    assert (look(late).state, leads_to()) == ("active", site_a)


def test_a_site_has_a_name_once_and_a_bad_name_gets_its_sentence(site_a: Site) -> None:
    claimed(site_a)
    for typed, sentence in {
        "www.EXAMPLE.com": "This site has this name already.",
        "*.example.com": "A name with * stands for many. Add each name by itself.",
        "bravo.sites.localhost": "This name is the network's own.",
        "localhost": "Enter the whole name with its ending, such as example.com.",
        "shop.github.io": "This name belongs to another network, which does not let it lead here.",
    }.items():
        with pytest.raises(ValidationError) as refused:
            claimed(site_a, typed)
        assert refused.value.message_dict == {"domain": [sentence]}


def test_an_unlimited_plan_still_has_no_endless_list_of_names_that_wait(site_a: Site) -> None:
    set_limits(site_a, {Kind.DOMAINS: None})
    for number in range(20):
        claimed(site_a, f"n{number}.example.com")
    with pytest.raises(ValidationError, match="Many names wait for their proof"):
        claimed(site_a, "one-more.example.com")


def test_a_name_is_looked_up_when_asked_often_at_first_then_seldom(
    site_a: Site, dns_server: DnsServer
) -> None:
    claim = claimed(site_a)

    def due(**later: int) -> bool:
        return names_to_look_up(now=NOW + timedelta(**later)) == [claim.pk]

    assert [due(seconds=59), due(minutes=1)] == [False, True]  # its task was lost
    look(claim)
    assert [due(minutes=9), due(minutes=10)] == [False, True]
    assert ask_for_check(claim=claim, now=NOW + timedelta(seconds=9)) is False
    assert ask_for_check(claim=claim, now=NOW + timedelta(seconds=10)) is True
    assert [due(seconds=69), due(seconds=70)] == [False, True]
    look(claim, now=NOW + timedelta(days=2))
    assert [due(days=2, minutes=59), due(days=2, minutes=60)] == [False, True]
    assert due(days=31) is False


def test_an_active_name_is_looked_up_daily_and_a_resting_one_never(site_a: Site, connect: Connect) -> None:
    claim = connect(site_a, NAME)
    assert names_to_look_up(now=NOW + timedelta(hours=23)) == []
    assert names_to_look_up(now=NOW + timedelta(days=1)) == [claim.pk]
    remove_domain(claim=claim, now=NOW)
    assert names_to_look_up(now=NOW + timedelta(days=1)) == []
    assert ask_for_check(claim=claim, now=NOW + timedelta(days=1)) is False


def test_the_task_looks_and_the_sweep_queues_it(
    site_a: Site, dns_server: DnsServer, monkeypatch: Any
) -> None:
    claim = claimed(site_a)
    dns_server.put(claim.proof_name, "TXT", claim.proof_value)
    queued: list[dict[str, Any]] = []
    monkeypatch.setattr(tasks.check_domain, "enqueue", lambda **kwargs: queued.append(kwargs))
    tasks.sweep_domains()
    assert queued == [{"claim_id": claim.pk}]
    tasks.check_domain(claim_id=claim.pk)
    tasks.check_domain(claim_id=claim.pk + 1000)  # removed in the meantime
    claim.refresh_from_db()
    assert claim.state == "proven"
