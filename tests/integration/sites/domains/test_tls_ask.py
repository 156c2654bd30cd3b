"""Which names may have a certificate: the proxy asks for each that somebody connects to."""

from typing import Any

import pytest
from django.test import Client

from sites.models import Domain, Site
from sites.operations.domains import claim_domain, park_domains, remove_domain
from tests.integration.sites.domains.conftest import Connect
from tests.plugins.sites import NOW

pytestmark = pytest.mark.django_db
NAME = "www.example.com"


def answer(name: str, *, host: str = "web:8000") -> int:
    return Client(headers={"host": host}).get("/internal/tls/ask", {"domain": name}).status_code


def test_a_name_that_leads_to_a_site_may_have_one(site_a: Site, connect: Connect) -> None:
    connect(site_a, NAME)
    assert [answer(NAME), answer(site_a.host)] == [200, 200]


def test_the_proxy_may_ask_by_any_name_of_the_web_process(site_a: Site) -> None:
    hosts = ("web:8000", "127.0.0.1:8000", "localhost:8000")
    assert [answer(site_a.host, host=host) for host in hosts] == [200, 200, 200]


def test_a_claim_is_not_enough(site_a: Site) -> None:
    claim_domain(site=site_a, typed=NAME, now=NOW)
    assert answer(NAME) == 404


def test_a_name_that_was_parked_or_removed_gets_no_new_one(site_a: Site, connect: Connect) -> None:
    first, _second = connect(site_a, NAME), connect(site_a, "two.example.com")
    park_domains(site=site_a, names=["two.example.com"])
    remove_domain(claim=first, now=NOW)
    assert [answer(NAME), answer("two.example.com")] == [404, 404]


def test_a_site_in_the_recycle_bin_gets_none(site_a: Site) -> None:
    Site.objects.filter(pk=site_a.pk).update(state="recycled", recycled_at=NOW)
    assert answer(site_a.host) == 404


@pytest.mark.parametrize(
    "name",
    [
        "ALPHA.sites.localhost", "alpha.sites.localhost.", "alpha.sites.localhost:443", "x.alpha.sites.localhost",
        "sites.localhost", "*.sites.localhost", "%.sites.localhost", "alpha", "localhost", "127.0.0.1",
        "alpha.sites.localhost\x00", " alpha.sites.localhost", "a" * 5000,
    ],
)  # fmt: skip
def test_only_the_exact_name_will_do(site_a: Site, name: str) -> None:
    assert answer(name) == 404


def test_a_question_without_a_name_or_of_another_kind_is_refused(site_a: Site) -> None:
    assert answer("") == 400
    assert Client().post("/internal/tls/ask", {"domain": site_a.host}).status_code == 405


def test_an_answer_costs_one_statement_and_sets_no_cookie(
    site_a: Site, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        response = Client().get("/internal/tls/ask", {"domain": site_a.host})
    assert (response.cookies, response["Cache-Control"]) == (
        {},
        "max-age=0, no-cache, no-store, must-revalidate, private",
    )


def test_the_question_is_no_page_of_a_site(site_a: Site, on_site: Any) -> None:
    Domain.objects.create(domain="other.example.com", tenant=site_a, created_at=NOW)
    response = on_site(site_a).get("/internal/tls/ask/", {"domain": "other.example.com"})
    assert response.status_code == 404
