"""The Domains page of a site, for its owner and for nobody else."""

from typing import Any

import pytest
from django.test import Client

from products.limits import Kind
from sites import tasks
from sites.models import DomainClaim, Site
from sites.operations.domains import claim_domain
from tests.integration.sites.domains.conftest import OUR_ADDRESS, Connect, look
from tests.plugins.dns import DnsServer
from tests.plugins.sites import NOW, set_limits

pytestmark = pytest.mark.django_db
NAME = "www.example.com"


@pytest.fixture(autouse=True)
def queued(monkeypatch: Any) -> list[int]:
    """The claims whose look at the DNS was queued."""
    claims: list[int] = []
    monkeypatch.setattr(tasks.check_domain, "enqueue", lambda *, claim_id: claims.append(claim_id))
    return claims


def owner(site: Site) -> Client:
    client = Client(headers={"host": "localhost:8000"})
    client.force_login(site.membership.customer.user)
    return client


def address(site: Site, rest: str = "") -> str:
    return f"/sites/{site.uid}/domains/{rest}"


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def test_a_name_is_added_and_looked_up_in_the_background(
    site_a: Site, dns_server: DnsServer, queued: list[int]
) -> None:
    response = owner(site_a).post(address(site_a), {"domain": "Bücher.Example.com."}, follow=True)
    claim = DomainClaim.objects.get()
    assert (claim.domain, queued, dns_server.asked) == ("xn--bcher-kva.example.com", [claim.pk], [])
    assert "bücher.example.com is added. Next: show that it is yours." in text(response)
    for part in (claim.proof_name, claim.proof_value, site_a.host, "not known yet", "Looking at the DNS"):
        assert part in text(response)


def test_what_was_typed_stays_with_the_reason(site_a: Site) -> None:
    response = owner(site_a).post(address(site_a), {"domain": "https://example.com/"})
    assert response.status_code == 422
    assert "Enter the name alone: no https://, no port, no path." in text(response)
    assert 'value="https://example.com/"' in text(response)


@pytest.mark.parametrize("typed", ["", "<script>alert(1)</script>", "a\x00b.com", "x" * 400])
def test_nothing_that_is_typed_breaks_the_page(site_a: Site, typed: str) -> None:
    response = owner(site_a).post(address(site_a), {"domain": typed})
    assert (response.status_code, b"<script>alert" in response.content) == (422, False)
    assert DomainClaim.objects.count() == 0


def test_the_page_shows_what_is_and_what_should_be(site_a: Site, dns_server: DnsServer) -> None:
    claim = claim_domain(site=site_a, typed="example.com", now=NOW)
    dns_server.put(claim.proof_name, "TXT", "sitewright=wrong")
    dns_server.put("example.com", "A", "10.0.0.5")
    look(claim)
    page = text(owner(site_a).get(address(site_a)))
    for part in (
        "<code>sitewright=wrong</code>", "<code>10.0.0.5</code>",
        "<code>203.0.113.10</code>", "<code>2001:db8::10</code>",
        "often entered as <code>@</code>", "often entered as <code>_sitewright</code>",
        "10.0.0.5 is no address of the public internet: no visitor can reach it.",
    ):  # fmt: skip
        assert part in page
    assert "as it should be" not in page


def test_the_fragment_asks_again_only_while_a_look_is_awaited(site_a: Site, dns_server: DnsServer) -> None:
    claim = claim_domain(site=site_a, typed=NAME, now=NOW)
    fragment = address(site_a, f"{claim.uid}/")
    assert 'hx-trigger="every 2s"' in text(owner(site_a).get(fragment))
    dns_server.put(claim.proof_name, "TXT", claim.proof_value)
    look(claim)
    assert "hx-trigger" not in text(owner(site_a).get(fragment))
    dns_server.put(NAME, "A", OUR_ADDRESS)
    look(claim)
    assert owner(site_a).get(fragment)["HX-Refresh"] == "true"


def test_a_check_can_be_asked_for_but_not_all_the_time(
    site_a: Site, dns_server: DnsServer, queued: list[int]
) -> None:
    claim = claim_domain(site=site_a, typed=NAME, now=NOW)
    for _ in range(3):
        owner(site_a).post(address(site_a, f"{claim.uid}/check/"))
    assert (queued, dns_server.asked) == ([claim.pk], [])


def test_the_primary_name_is_chosen_and_a_name_removed(site_a: Site, connect: Connect) -> None:
    claim = connect(site_a, NAME)
    page = owner(site_a).post(address(site_a, "primary/"), {"domain": NAME}, follow=True)
    assert "Your site is now at www.example.com." in text(page)
    assert site_a.domains.get(is_primary=True).domain == NAME
    page = owner(site_a).post(address(site_a, f"{claim.uid}/remove/"), follow=True)
    assert "www.example.com is removed." in text(page)
    assert list(site_a.domains.values_list("domain", flat=True)) == [site_a.host]


def test_without_room_the_page_says_so_and_leads_to_an_upgrade(site_a: Site, connect: Connect) -> None:
    connect(site_a, NAME)
    claim_domain(site=site_a, typed="two.example.com", now=NOW)
    page = text(owner(site_a).get(address(site_a)))
    assert "2 of 2 used" in page
    assert f'href="{site_a.account_url}change/"' in page
    assert "id_domain" not in page
    late = owner(site_a).post(address(site_a), {"domain": "three.example.com"})
    assert (late.status_code, "You have used 2 of the 2 custom domains in your plan." in text(late)) == (
        422,
        True,
    )


@pytest.mark.parametrize(("allowed", "says"), [(0, "comes without a domain"), (None, 'name="domain"')])
def test_what_cannot_be_counted_is_not_counted(site_a: Site, allowed: int | None, says: str) -> None:
    set_limits(site_a, {Kind.DOMAINS: allowed})
    page = text(owner(site_a).get(address(site_a)))
    assert (says in page, " used" in page) == (True, False)


def test_parked_names_are_shown_as_kept(site_a: Site, connect: Connect) -> None:
    connect(site_a, NAME)
    set_limits(site_a, {Kind.DOMAINS: 0})
    page = text(owner(site_a).get(address(site_a)))
    assert "These names are kept for you and lead nowhere." in page
    assert NAME in page


def test_a_name_that_only_lacks_room_says_so(site_a: Site, dns_server: DnsServer, connect: Connect) -> None:
    claim = claim_domain(site=site_a, typed="late.example.com", now=NOW)
    connect(site_a, NAME)
    set_limits(site_a, {Kind.DOMAINS: 1})
    dns_server.put(claim.proof_name, "TXT", claim.proof_value)
    dns_server.put("late.example.com", "A", OUR_ADDRESS)
    look(claim)
    assert "Everything is right, but your plan has no room for it." in text(
        owner(site_a).get(address(site_a))
    )


def test_an_active_name_that_leads_elsewhere_now_is_marked(
    site_a: Site, dns_server: DnsServer, connect: Connect
) -> None:
    claim = connect(site_a, NAME)
    assert "Does not lead here at the moment" not in text(owner(site_a).get(address(site_a)))
    dns_server.put(NAME, "A", "198.51.100.7")
    look(claim)
    assert "Does not lead here at the moment" in text(owner(site_a).get(address(site_a)))


def test_every_address_of_it_is_nobody_elses(site_a: Site, site_b: Site, connect: Connect) -> None:
    claim = connect(site_a, NAME)
    other = claim_domain(site=site_b, typed="b.example.com", now=NOW)
    strangers = owner(site_b)
    requests = [
        ("get", address(site_a)),
        ("post", address(site_a)),
        ("post", address(site_a, "primary/")),
        *[
            ("get" if not verb else "post", address(site_a, f"{claim.uid}/{verb}"))
            for verb in ("", "check/", "remove/")
        ],
        *[
            ("get" if not verb else "post", address(site_b, f"{claim.uid}/{verb}"))
            for verb in ("", "check/", "remove/")
        ],
    ]
    for method, path in requests:
        assert getattr(strangers, method)(path, {"domain": NAME}).status_code == 404
        nobody = getattr(Client(headers={"host": "localhost:8000"}), method)(path, {"domain": NAME})
        assert (nobody.status_code, nobody["Location"].startswith("/auth/login/")) == (302, True)
    assert strangers.post(address(site_b, "primary/"), {"domain": NAME}).status_code == 404
    assert owner(site_a).post(address(site_a, f"{other.uid}/remove/")).status_code == 404
    assert set(DomainClaim.objects.values_list("domain", "state")) == {
        (NAME, "active"),
        ("b.example.com", "waiting"),
    }


def test_the_pages_cost_the_same_however_many_names_there_are(
    site_a: Site, connect: Connect, django_assert_max_num_queries: Any
) -> None:
    set_limits(site_a, {Kind.DOMAINS: None})
    for number in range(6):
        connect(site_a, f"n{number}.example.com")
    client = owner(site_a)
    with django_assert_max_num_queries(10):
        assert client.get(address(site_a)).status_code == 200


def test_they_are_not_on_a_sites_host(site_a: Site, on_site: Any) -> None:
    assert on_site(site_a).get(address(site_a)).status_code == 404
