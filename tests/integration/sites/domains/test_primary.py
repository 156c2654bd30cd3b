"""A site has many names, and one address."""

from typing import Any

import pytest
from django.test import Client
from django_tenants.utils import tenant_context
from wagtail.models import Site as WagtailSite

from sites import routing
from sites.models import Domain, Site
from sites.operations.domains import make_primary, remove_domain
from tests.integration.sites.domains.conftest import Connect

pytestmark = pytest.mark.django_db
NAME = "www.example.com"
BROWSER = "Mozilla/5.0 (X11) Firefox/140.0"


def visit(host: str, path: str = "/", **request: Any) -> Any:
    return Client(headers={"host": host, "user-agent": BROWSER}).get(path, **request)


@pytest.fixture
def site(site_a: Site, connect: Connect, settings: Any) -> Site:
    connect(site_a, NAME)
    make_primary(site=site_a, domain=NAME)
    return site_a


def test_other_names_redirect_to_the_primary_one_and_keep_path_and_query(site: Site) -> None:
    response = visit(site.host, "/blog/?tag=a%20b&page=2")
    assert response.status_code == 301
    assert response["Location"] == "http://www.example.com:8000/blog/?tag=a%20b&page=2"
    assert response["Cache-Control"] == "max-age=3600"
    assert visit(NAME).status_code == 200


def test_a_redirect_asks_the_database_nothing_more_and_sets_no_cookie(
    site: Site, django_assert_num_queries: Any
) -> None:
    visit(site.host)
    with django_assert_num_queries(0):
        assert visit(site.host).cookies == {}


@pytest.mark.parametrize(
    "path", ["//evil.example/", "/%2f%2fevil.example/", "/\\evil.example", "/@evil.example"]
)
def test_no_path_makes_a_redirect_lead_anywhere_else(site: Site, path: str) -> None:
    assert visit(site.host, path)["Location"].startswith("http://www.example.com:8000/")


def test_the_dashboard_and_what_pages_are_made_of_stay_where_they_were_asked_for(site: Site) -> None:
    assert visit(site.host, "/dashboard/")["Location"].startswith("/enter/")
    assert visit(site.host, "/enter/")["Location"].startswith("http://localhost:8000/sites/")
    assert visit(site.host, "/media/images/none.png").status_code == 404


def test_what_was_sent_is_not_redirected(site: Site) -> None:
    response = Client(headers={"host": site.host}).post("/", {"name": "Ada"})
    assert response.status_code != 301


def test_links_carry_the_primary_name(site: Site) -> None:
    with tenant_context(site):
        found = WagtailSite.objects.get()
    assert (found.hostname, found.root_url) == (NAME, "http://www.example.com:8000")
    assert 'rel="canonical" href="http://www.example.com:8000/"' in visit(NAME).content.decode()


def test_the_own_address_can_be_primary_again_and_is_when_the_name_goes(
    site: Site, django_capture_on_commit_callbacks: Any
) -> None:
    visit(site.host)  # remembered
    with django_capture_on_commit_callbacks(execute=True):
        make_primary(site=site, domain=site.host)
    assert visit(NAME)["Location"] == "http://alpha.sites.localhost:8000/"
    with django_capture_on_commit_callbacks(execute=True):
        make_primary(site=site, domain=NAME)
        remove_domain(claim=site.domain_claims.get(), now=site.created_at)
    assert routing.find(NAME) is None
    assert visit(site.host).status_code == 200


def test_another_sites_name_cannot_be_made_primary(site: Site, site_b: Site) -> None:
    with pytest.raises(Domain.DoesNotExist):
        make_primary(site=site_b, domain=NAME)
    assert site_b.domains.get(is_primary=True).domain == site_b.host


def test_a_session_of_the_own_address_is_nobodys_on_the_sites_other_name(site: Site, owner_of: Any) -> None:
    browser = owner_of(site)
    assert browser.get("/dashboard/").status_code == 200
    cookie = browser.cookies["sessionid"]
    assert cookie["domain"] == ""  # a browser sends it to this host alone
