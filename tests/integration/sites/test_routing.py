"""Which host leads where, and at what price."""

from typing import Any

import pytest
import redis
from django.core.cache import cache
from django.core.cache.backends.redis import RedisCache
from django.db import connection
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from products.limits import Kind
from sites import routing
from sites.middleware import SiteMiddleware
from sites.models import Domain, Site
from sites.postgresql.base import current_connection, current_schema
from tests.plugins.sites import NOW, set_limits

pytestmark = pytest.mark.django_db


def answer(host: str, *, seen: list[Any] | None = None) -> Any:
    """What the middleware makes of a request to `host`; `seen` gets (request.tenant, schema) of the view."""

    def view(request: Any) -> HttpResponse:
        if seen is not None:
            seen.append((request.tenant, current_schema()))
        return HttpResponse("reached", content_type="text/html")

    return SiteMiddleware(view)(RequestFactory().get("/", headers={"host": host}))


def name_at(host: str) -> str:
    route = routing.find(host)
    assert route is not None
    return route.name


def test_a_sites_host_runs_in_its_schema_and_knows_its_site(site_a: Site) -> None:
    seen: list[Any] = []
    assert answer(site_a.host, seen=seen).content == b"reached"
    ((tenant, schema),) = seen
    assert (tenant.id, tenant.uid, tenant.name, schema) == (
        site_a.pk,
        site_a.uid,
        "Alpha Garden",
        site_a.schema_name,
    )
    assert tenant.membership_uid == site_a.membership.uid
    assert tenant.account_url == f"http://localhost:8000/account/{site_a.membership.uid}/"


def test_the_networks_host_runs_in_public_without_a_site(site_a: Site) -> None:
    seen: list[Any] = []
    assert answer("localhost:8000", seen=seen).content == b"reached"
    assert seen == [(None, "public")]


@pytest.mark.parametrize(
    "host",
    [
        "ALPHA.sites.localhost",
        "alpha.sites.localhost.",
        "alpha.sites.localhost:8000",
        "Alpha.Sites.LocalHost.:81",
    ],
)
def test_case_a_final_dot_and_a_port_do_not_matter(site_a: Site, host: str) -> None:
    assert answer(host).content == b"reached"


@pytest.mark.parametrize(
    "host",
    [
        "nobody.sites.localhost", "sites.localhost", "alpha.sites.localhost.evil.example", "evil.example",
        "site_0000000000000000000000000000000a", "alpha", "alpha.sites.localhost@evil.example", "a b", "..",
        "127.0.0.1", "[::1]", "site-template.sites.localhost", "public",
    ],
)  # fmt: skip
def test_an_unknown_host_gets_a_plain_404_without_cookies(site_a: Site, host: str) -> None:
    response = Client().get("/", headers={"host": host})
    assert response.status_code == 404
    assert response["Content-Type"] == "text/plain"
    assert response.cookies == {}
    assert b"Traceback" not in response.content


def test_health_is_asked_by_address(db: None) -> None:
    assert Client().get("/healthz", headers={"host": "10.0.0.7:8000"}).status_code == 200


def test_a_stored_domain_leads_to_its_site(site_a: Site) -> None:
    site_a.domains.update(is_primary=False)
    Domain.objects.create(domain="garden.example", tenant=site_a, is_primary=True, created_at=NOW)
    seen: list[Any] = []
    assert answer("garden.example", seen=seen).content == b"reached"
    assert (seen[0][0].id, seen[0][0].primary_host) == (site_a.pk, "garden.example")


def test_a_cold_route_costs_one_statement_and_a_warm_one_none(site_a: Site) -> None:
    with CaptureQueriesContext(connection) as cold:
        answer(site_a.host)
    with CaptureQueriesContext(connection) as warm:
        answer(site_a.host)
    assert (len(cold), len(warm)) == (1, 0)


def test_new_limits_are_on_the_next_request(site_a: Site, django_capture_on_commit_callbacks) -> None:
    seen: list[Any] = []
    answer(site_a.host, seen=seen)
    with django_capture_on_commit_callbacks(execute=True):
        set_limits(site_a, {Kind.POSTS: 9})
    answer(site_a.host, seen=seen)
    assert [tenant.entitlements["posts"] for tenant, _schema in seen] == [3, 9]


def test_a_record_read_before_a_change_and_kept_after_it_is_not_believed(site_a: Site, monkeypatch) -> None:
    read = routing._read

    def overtaken(host: str) -> routing.SiteRoute | None:
        route = read(host)
        Site.objects.filter(pk=site_a.pk).update(name="Renamed")
        routing.forget(site_a)
        return route

    monkeypatch.setattr(routing, "_read", overtaken)
    assert name_at(site_a.host) == "Alpha Garden"
    monkeypatch.setattr(routing, "_read", read)
    assert name_at(site_a.host) == "Renamed"


def test_routing_works_while_redis_is_away(site_a: Site, monkeypatch) -> None:
    def away(*_args: object, **_kwargs: object) -> None:
        raise redis.ConnectionError

    for name in ("get_many", "set", "set_many"):
        monkeypatch.setattr(RedisCache, name, away)
    assert answer(site_a.host).content == b"reached"
    routing.forget(site_a)


def test_unknown_hosts_leave_nothing_in_redis(site_a: Site) -> None:
    answer("made-up.example")
    assert cache.get(routing._record_key("made-up.example")) is None


@pytest.mark.parametrize("state", [Site.State.PROVISIONING, Site.State.FAILED])
def test_a_site_that_is_not_ready_says_so_and_runs_nothing(site_a: Site, state: str) -> None:
    Site.objects.filter(pk=site_a.pk).update(state=state)
    seen: list[Any] = []
    response = answer(site_a.host, seen=seen)
    assert (response.status_code, response["Retry-After"], seen) == (503, "3", [])
    assert b"Alpha Garden" in response.content
    assert response.cookies == {}


def test_the_connection_is_back_in_public_afterwards_even_when_the_view_breaks(site_a: Site) -> None:
    def view(_request: HttpRequest) -> HttpResponse:
        current_connection().set_schema("site_x")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        SiteMiddleware(view)(RequestFactory().get("/", headers={"host": site_a.host}))
    assert current_schema() == "public"


def test_a_request_inside_a_request_leaves_the_outer_one_in_its_site(site_a: Site, site_b: Site) -> None:
    seen = []

    def view(_request: HttpRequest) -> HttpResponse:
        answer(site_b.host)
        seen.append(current_schema())
        return HttpResponse()

    SiteMiddleware(view)(RequestFactory().get("/", headers={"host": site_a.host}))
    assert seen == [site_a.schema_name]


def test_a_streamed_answer_is_made_in_its_site(site_a: Site) -> None:
    def view(_request: HttpRequest) -> StreamingHttpResponse:
        return StreamingHttpResponse(
            email.encode() for email in User.objects.values_list("email", flat=True).iterator()
        )

    response: Any = SiteMiddleware(view)(RequestFactory().get("/", headers={"host": site_a.host}))
    assert current_schema() == "public"
    assert b"".join(response.streaming_content) == b"alpha-owner@example.com"
    assert current_schema() == "public"


def test_a_site_answers_with_its_own_pages(site_a: Site, on_site) -> None:
    home = on_site(site_a).get("/")
    lost = on_site(site_a).get("/nothing/here/")
    assert (home.status_code, lost.status_code) == (200, 404)
    assert b"Alpha Garden" in home.content
    assert b"Alpha Garden" in lost.content
    assert home.cookies == {}


def test_the_networks_pages_are_not_on_a_sites_host(site_a: Site, on_site) -> None:
    for path in ("/account/", "/admin/", "/auth/login/", "/webhooks/stripe/", "/metrics/"):
        assert on_site(site_a).get(path).status_code == 404
