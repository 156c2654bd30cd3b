"""Too much, as the network's pages tell it: where it is decided, and where the customer sees it."""

import pytest
from django.test import Client
from django_tenants.utils import tenant_context

from products.limits import Kind
from sites import routing
from sites.content.models import BlogIndexPage, PostPage
from sites.models import OverLimit, OverLimitPolicy, Role, Site
from sites.operations.over_limit import policies_in_force
from tests.integration.sites.test_people import enters, works_on
from tests.plugins.sites import NOW, set_limits

pytestmark = pytest.mark.django_db
LIST = "/admin/sites/overlimitpolicy/"


def test_the_network_decides_by_kind_and_sees_what_holds(desk: Client) -> None:
    page = desk.get(LIST).content.decode()
    assert page.count("Park: what is too much is put away until there is room") >= 4
    assert desk.post(f"{LIST}add/", {"kind": "posts", "policy": "block"}).status_code == 302
    assert policies_in_force()[Kind.POSTS] == "block"


def test_a_policy_that_a_kind_does_not_have_is_refused(desk: Client) -> None:
    answer = desk.post(f"{LIST}add/", {"kind": "disk", "policy": "park"})
    assert answer.status_code == 200
    assert "This cannot be done with this limit." in answer.content.decode()
    assert not OverLimitPolicy.objects.exists()


def test_the_site_in_the_admin_shows_when_it_was_over(desk: Client, site_a: Site) -> None:
    OverLimit.objects.create(site=site_a, kind="disk", policy="keep", excess=150 * 1024 * 1024, since=NOW)
    page = desk.get(f"/admin/sites/site/{site_a.pk}/change/").content.decode()
    assert "times over the limit" in page.lower()
    assert "150.0 MB" in page


def test_the_account_page_says_what_is_parked_and_from_when_visitors_see_a_notice(site_a: Site) -> None:
    OverLimit.objects.create(site=site_a, kind="posts", policy="park", excess=2, since=NOW)
    OverLimit.objects.create(
        site=site_a, kind="visits", policy="block", excess=7, since=NOW, notice_at=NOW.replace(year=2099)
    )
    browser = Client(headers={"host": "localhost"})
    browser.force_login(site_a.membership.customer.user)
    page = browser.get(f"/account/{site_a.membership.uid}/").content.decode()
    assert "2 parked, because your plan has no room." in page
    assert "7 more than your plan allows. From 12 March 2099 visitors see a notice" in page


@pytest.mark.parametrize("access", [Site.Access.OPEN, Site.Access.READ_ONLY])
def test_who_is_invited_reads_what_is_wrong_without_the_way_to_the_owners_pages(
    site_a: Site, owner_of, on_site, access: str
) -> None:
    OverLimit.objects.create(site=site_a, kind="posts", policy="park", excess=2, since=NOW)
    eva = works_on(site_a, Role.EDITOR)
    browsers = [enters(site_a, eva, on_site), owner_of(site_a)]
    Site.objects.filter(pk=site_a.pk).update(access=access)
    routing.forget(site_a)
    for browser, leads_there in zip(browsers, [False, True], strict=True):
        page = browser.get("/dashboard/").content.decode()
        assert page.count("read-only-bar") == 1
        assert (site_a.account_url in page) == leads_there


def test_the_dashboard_lists_what_is_parked_and_leads_the_owner_to_the_choice(
    site_a: Site, owner_of, on_site
) -> None:
    with tenant_context(site_a):
        for title in ("Old", "New"):
            BlogIndexPage.objects.get().add_child(instance=PostPage(title=title))
    address = f"/account/{site_a.membership.uid}/parked/"
    browsers = [owner_of(site_a), enters(site_a, works_on(site_a, Role.EDITOR), on_site)]
    assert "parked-panel" not in browsers[0].get("/dashboard/").content.decode()
    set_limits(site_a, {Kind.POSTS: 1})
    routing.forget(site_a)
    for browser, leads_there in zip(browsers, [True, False], strict=True):
        page = browser.get("/dashboard/").content.decode()
        panel = page[page.index("parked-panel-title") :]
        assert (">Old</a>" in panel, ">New</a>" in panel, address in panel) == (True, False, leads_there)
